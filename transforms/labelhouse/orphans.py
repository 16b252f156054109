"""Find Parquet files below data/ that belong to nothing: what killed processes wrote and nobody registered.

DuckLake's own sweep takes the data folder for a glob: in `labels[1]` it would remove what `labels1` has.
"""

from datetime import datetime
from pathlib import Path

import duckdb

from labelhouse.attempts import remove_files
from labelhouse.engine import DATA
from labelhouse.statements import statement


def remove_orphans(
    connection: duckdb.DuckDBPyConnection, folder: Path, older_than: datetime, *, dry_run: bool
) -> list[Path]:
    """Remove files that were written before `older_than` and that the catalog does not know.

    The caller holds the lock: a commit moves its files there before it registers them.
    """
    known = {name for (name,) in connection.execute(statement("maintain/known_files")).fetchall()}
    found = [
        path
        for path in sorted((folder / DATA).rglob("*.parquet"))
        if path.name not in known and path.stat().st_mtime < older_than.timestamp()
    ]
    if not dry_run:
        remove_files(found)
    return found
