"""Contender: dlt, fed by ijson, into a DuckDB file.

python -m benchmarks.compare.peers.dlt_ijson FOLDER SOURCE...
"""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import dlt
import ijson

from benchmarks.compare.peers.opened import opened


def annotations(sources: Sequence[Path]) -> Iterator[dict[str, Any]]:
    """Yield the annotations of COCO files, or of lists of COCO documents."""
    for source in sources:
        with opened(source) as stream:
            is_list = stream.read(64).lstrip().startswith(b"[")
        with opened(source) as stream:
            prefix = "item.annotations.item" if is_list else "annotations.item"
            yield from ijson.items(stream, prefix, use_float=True)


def load(sources: Sequence[Path], folder: Path) -> None:
    """Load the annotations into `folder`/export.duckdb."""
    pipeline = dlt.pipeline(
        "labels",
        pipelines_dir=str(folder / "pipelines"),
        destination=dlt.destinations.duckdb(str(folder / "export.duckdb")),
        dataset_name="labels",
    )
    # Unasked it makes a child table of every list, a row a number: several times slower.
    resource = dlt.resource(annotations(sources), name="annotations", max_table_nesting=0)
    pipeline.run(resource).raise_on_failed_jobs()


if __name__ == "__main__":
    load([Path(argument) for argument in sys.argv[2:]], Path(sys.argv[1]))
