"""Stage one source in this process, as a parsing process does: from the file to Parquet files.

python benchmarks/harness/stage_once.py SOURCE FOLDER [READER]
"""

import sys
from pathlib import Path

from labelhouse.ingestion.stage_source import stage_source
from labelhouse.limits import DEFAULT_LIMITS, Limits
from labelhouse.manifest import DEFAULT_READER, ParseTask
from labelhouse.processes.process_setup import prepare_process


def prepared() -> None:
    """Set this process up as a parsing process is."""
    prepare_process()


def stage_once(
    source: Path, folder: Path, reader: str = DEFAULT_READER, *, limits: Limits = DEFAULT_LIMITS
) -> None:
    """Write the Parquet files of a source into `folder`."""
    task = ParseTask(
        path=str(source),
        source=source.name,
        name=source.name,
        project="default",
        ingest_id="benchmark",
        ingest_number=1,
        folder=str(folder),
        reader=reader,
        limits=limits,
    )
    stage_source(task)


if __name__ == "__main__":
    prepared()
    stage_once(Path(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:])
