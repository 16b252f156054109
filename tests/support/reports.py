"""What the report of a source says, where a test knows that it says it."""

from labelhouse.errors import LabelhouseError
from labelhouse.ingestion.run import IngestReport


def error_of(report: IngestReport) -> LabelhouseError:
    """Return the error of a rejected source."""
    assert report.error is not None
    return report.error


def counted(report: IngestReport, name: str) -> dict[str, int]:
    """Return the counts that `labelhouse ingest --json` prints under a name: documents, or rows."""
    counts = report.as_json()[name]
    assert isinstance(counts, dict)
    return counts
