"""Contender: edgefirst-client's converter from COCO to its Arrow format, written as Parquet.

python -m benchmarks.compare.peers.edgefirst FOLDER SOURCE...
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from edgefirst_client import coco_to_arrow


def load(sources: Sequence[Path], folder: Path) -> None:
    """Convert COCO files, each by itself. Raises for anything that is not a single COCO object."""
    for number, source in enumerate(sources):
        rows = coco_to_arrow(str(source), str(folder / f"annotations-{number}.parquet"))
        if not rows:
            # It takes what it does not know for an empty data set.
            raise ValueError(f"{source} became no rows")


if __name__ == "__main__":
    load([Path(argument) for argument in sys.argv[2:]], Path(sys.argv[1]))
