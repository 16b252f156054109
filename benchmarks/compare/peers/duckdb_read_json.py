"""Contender: DuckDB's own JSON reader and SQL, from plain JSON files to Parquet files.

    python -m benchmarks.compare.peers.duckdb_read_json duckdb_json FOLDER SOURCE...

The first argument names the script that makes the tables: duckdb_typed or duckdb_json.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import duckdb

_DEFAULT_OBJECT_BYTES = 16 << 20


def load(script: str, sources: Sequence[Path], folder: Path) -> None:
    """Run a script and write its tables into `folder`."""
    scripts = Path(__file__).absolute().parent
    connection = duckdb.connect()
    variables = {
        "sources": [str(source.absolute()) for source in sources],
        "name": sources[0].name,
        "project": "default",
        # A plain COCO file is one JSON object, however large it is.
        "object_bytes": max(_DEFAULT_OBJECT_BYTES, *(source.stat().st_size + 1 for source in sources)),
    }
    for name, value in variables.items():
        connection.execute(f"SET VARIABLE {name} = $value", {"value": value})
    os.chdir(folder)
    for part in (script, "duckdb_copy"):
        connection.execute((scripts / f"{part}.sql").read_text(encoding="utf-8"))


if __name__ == "__main__":
    load(sys.argv[1], [Path(argument) for argument in sys.argv[3:]], Path(sys.argv[2]))
