"""Say in one line how the load of a source ended."""

from labelhouse.ingestion.run import IngestReport
from labelhouse.printable import printable

_WOULD = {
    "committed": "would commit",
    "predictions": "would store",
    "unchanged": "would change nothing",
    "rejected": "would reject",
}


def summary(report: IngestReport, *, dry_run: bool = False) -> str:
    """Return one line on the result of a source, or with `dry_run` on its expected result."""
    values = report.as_json()
    status = f"{_WOULD[report.status]:<22}" if dry_run else f"{report.status:<10}"
    line = f"{status}{printable(report.source)}"
    if report.status == "rejected":
        return line
    documents, rows = values["documents"], values["rows"]
    assert isinstance(documents, dict)
    assert isinstance(rows, dict)
    changes = ", ".join(f"{count:,} {kind}" for kind, count in documents.items() if count)
    line += f"  documents: {changes or 'none'}"
    if report.status == "predictions":
        line = f"{status}{printable(report.source)}  {values['predictions']:,} predictions"
    if report.status == "committed":
        line += f"; {rows['images']:,} images, {rows['annotations']:,} annotations"
    for name in ("quarantined", "issues"):
        if values[name]:
            line += f"; {values[name]:,} {name}"
    return f"{line}; {values['seconds']:.1f} s"
