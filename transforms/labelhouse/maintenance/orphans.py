"""Find files below data/ that belong to nothing: killed processes wrote them and did not register them.

DuckLake's own sweep treats the data folder as a glob: in `labels[1]` it would remove the files of
`labels1`.
"""

import logging
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import duckdb

from labelhouse.backups.lost_files import unknown_files
from labelhouse.backups.restorations import accepted_files
from labelhouse.lake.data_files import registered_files
from labelhouse.lake.warehouse_folder import is_ignorable
from labelhouse.schema.data_file_names import TABLE_NAMES, is_data_file
from labelhouse.staging.pending_ingests import remove_files
from labelhouse.warehouse_layout import DATA

_MAIN = "main"

_LOGGER = logging.getLogger(__name__)


def remove_orphans(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    older_than: datetime,
    *,
    dry_run: bool,
    restored_before: datetime,
) -> list[Path]:
    """Remove files of our own that were written before `older_than` and that the catalog does not know.

    Our own files lie in the folder of a table, and their names have the forms that Labelhouse gives. Files
    of commits that the catalog lacks are kept until a restoration gives them up. After that they are kept
    until the restoration is older than `restored_before`. The caller holds the lock, because a commit moves
    its files there before it registers them.
    """
    known = registered_files(connection)
    orphans = [
        path
        for path in sorted(_files(folder / DATA / _MAIN))
        if _is_ours(folder, path)
        and path.name not in known
        and path.lstat().st_mtime < older_than.timestamp()
    ]
    if orphans:
        given_up = accepted_files(folder, since=restored_before)
        lost = set(unknown_files(folder, known))
        if lost:
            _LOGGER.warning(
                "%s: %d files of commits that the catalog does not know are kept; "
                "labelhouse verify names them, labelhouse restore says what to do",
                folder,
                len(lost),
            )
        orphans = [path for path in orphans if path not in lost and path.name not in given_up]
    if not dry_run:
        remove_files(orphans)
    return orphans


def foreign_files(connection: duckdb.DuckDBPyConnection, folder: Path) -> list[Path]:
    """Return the files below data/ that the catalog lacks and whose names are not our own: they stay."""
    known = registered_files(connection)
    return [
        path
        for path in _files(folder / DATA)
        if not _is_ours(folder, path) and path.name not in known and not is_ignorable(path.name)
    ]


def _is_ours(folder: Path, path: Path) -> bool:
    table = path.parent
    is_place = table.parent == folder / DATA / _MAIN and table.name in TABLE_NAMES
    return is_place and is_data_file(table.name, path.name)


def _files(folder: Path) -> Iterator[Path]:
    """Yield all files below a folder; links to other folders are not followed."""
    for place, _, names in os.walk(folder):
        yield from (Path(place) / name for name in names)
