"""Contender: Polars' JSON reader, one table a section, with what is nested left so.

python -m benchmarks.compare.peers.polars_read_json FOLDER SOURCE...
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import polars as pl

SECTIONS = ("images", "categories", "annotations")


def load(sources: Sequence[Path], folder: Path) -> None:
    """Read COCO files, or lists of COCO documents, and write three tables for each into `folder`."""
    for number, source in enumerate(sources):
        documents = pl.read_json(source, infer_schema_length=None).with_row_index("document_key")
        for section in SECTIONS:
            records = documents.select("document_key", section).explode(section)
            records.unnest(section).write_parquet(folder / f"{section}-{number}.parquet")


if __name__ == "__main__":
    load([Path(argument) for argument in sys.argv[2:]], Path(sys.argv[1]))
