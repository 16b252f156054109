"""Refuse to work with a catalog that is lost: gone, emptied, cut, or older than the data beside it.

DuckLake would begin a new warehouse, or continue with an old one, and maintenance would then remove the
data. Refusing changes nothing: `labelhouse restore` puts a copy back.
"""

import sqlite3
from pathlib import Path

from labelhouse.backups.generations import (
    generations,
    is_unsealed,
    is_whole,
    last_ingest_number_of,
    newest_generation,
    newest_snapshot_of,
    snapshot_of_copy,
)
from labelhouse.backups.restorations import accepted_ingest_number
from labelhouse.errors import WarehouseError
from labelhouse.lake.catalog_content import differences
from labelhouse.lake.catalog_copy import copied, first_bytes, open_copy
from labelhouse.lake.checksums import CHECKSUMS
from labelhouse.lake.data_files import data_files, highest_committed_number
from labelhouse.lake.warehouse_folder import FIRST_TABLES
from labelhouse.reason_codes import ReasonCode
from labelhouse.warehouse_layout import CATALOG

RESTORE = "run: labelhouse restore"
_MAGIC = b"SQLite format 3\0"
_HEADER_BYTES = 100


def require_whole_catalog(folder: Path) -> None:
    """Raise WarehouseError if a warehouse's catalog is gone, empty, cut short, or another file.

    Other checks handle such a folder without data: there is nothing to lose.
    """
    # Check again after finding traces: another process may just have made them, and the catalog first.
    if catalog_problem(folder) and has_traces(folder) and (problem := catalog_problem(folder)):
        raise lost(folder, f"the catalog {problem}, but the warehouse's data is there; nothing was changed")


def require_true_catalog(folder: Path, last_begun_number: int) -> None:
    """Raise WarehouseError if the catalog is not what was written, or older than its copies or the data.

    The caller holds the lock. `last_begun_number` is the highest ingest number below staging/. A folder
    without a catalog passes.
    """
    if catalog_problem(folder):
        return
    with copied(folder, is_locked=True) as copy:
        if older := older_than(folder, copy, last_begun_number):
            raise lost(folder, f"{older}; nothing was changed")
        if changed := changed_tables(folder, copy):
            raise damaged(
                folder,
                f"other rows than were written in {', '.join(changed)}",
                f"{RESTORE}, or with --accept if another tool changed it on purpose",
            )


def require_tables(folder: Path, copy: Path) -> None:
    """Raise WarehouseError if a copy of the catalog holds no warehouse, but a warehouse's data is there."""
    try:
        with open_copy(copy) as opened:
            newest_snapshot_of(opened)
    except sqlite3.OperationalError as error:
        if "no such" in str(error) and has_traces(folder):
            raise lost(folder, _NO_WAREHOUSE) from None


def older_than(folder: Path, copy: Path, last_begun_number: int) -> str | None:
    """Return what a copy of the catalog is older than; None if it is not older. Raises WarehouseError."""
    try:
        with open_copy(copy) as opened:
            snapshot_id = newest_snapshot_of(opened)
            number = last_ingest_number_of(opened)
    except sqlite3.OperationalError as error:
        if "no such" not in str(error):
            raise
        if not has_traces(folder):
            return None
        return _NO_WAREHOUSE
    except sqlite3.DatabaseError as error:
        raise damaged(folder, str(error)) from None
    newest = newest_generation(folder)
    if newest is not None and newest.snapshot_id > snapshot_id:
        return (
            f"the catalog is older than its copies (snapshot {snapshot_id}, they have {newest.snapshot_id})"
        )
    known = max(number, last_begun_number, accepted_ingest_number(folder))
    if (highest := highest_committed_number(folder, known)) > known:
        return f"the catalog is older than the data (it knows ingest {number}, files are of {highest})"
    return None


def changed_tables(folder: Path, copy: Path) -> list[str]:
    """Return the tables in which a copy of the catalog differs from what was last written, if known."""
    newest = newest_generation(folder)
    if newest is None or is_unsealed(folder) or not is_whole(newest):
        return []
    try:
        if snapshot_of_copy(copy) != newest.snapshot_id:
            return []
        return differences(copy, newest.path)
    except sqlite3.DatabaseError as error:
        raise damaged(folder, str(error)) from None


def catalog_problem(folder: Path) -> str | None:
    """Return what is wrong with the catalog's file by its first bytes and its size; None if nothing is."""
    path = folder / CATALOG
    try:
        size = path.stat().st_size
        header = first_bytes(path, _HEADER_BYTES) if size else b""
    except FileNotFoundError:
        return _MISSING
    except IsADirectoryError:
        return "is a folder"
    except OSError:
        # Attaching reports why it cannot be read.
        return None
    if not size:
        return _EMPTY
    if header is None:
        return None
    if not header.startswith(_MAGIC) or len(header) < _HEADER_BYTES:
        return "is not a SQLite file"
    if size < _whole_bytes(header) and not _has_log(path):
        return "is cut short"
    return None


_NO_WAREHOUSE = "the catalog holds no warehouse, but the warehouse's data is there"
_MISSING = "is missing"
_EMPTY = "is empty"


def _whole_bytes(header: bytes) -> int:
    """Return the size that the file's header states; https://www.sqlite.org/fileformat.html."""
    page_bytes = int.from_bytes(header[16:18], "big")
    # The count of pages is valid if its version number equals the file's change counter.
    is_true = header[24:28] == header[92:96]
    return (65_536 if page_bytes == 1 else page_bytes) * int.from_bytes(header[28:32], "big") * is_true


def _has_log(path: Path) -> bool:
    try:
        return path.with_name(path.name + "-wal").stat().st_size > 0
    except OSError:
        return False


def has_traces(folder: Path) -> bool:
    """Return whether a warehouse has left data, copies of its catalog or checksums in a folder.

    Tables that are written before the first catalog has its name do not count as data.
    """
    return (
        bool(generations(folder))
        or (folder / CHECKSUMS).is_file()
        or any(file.parent.name not in FIRST_TABLES for file in data_files(folder))
    )


def lost(folder: Path, what: str) -> WarehouseError:
    """Return the error for a catalog that does not belong to the data."""
    return WarehouseError(ReasonCode.CATALOG_LOST, what, where=str(folder / CATALOG), remedy=RESTORE)


def damaged(folder: Path, what: str, remedy: str = RESTORE) -> WarehouseError:
    """Return the error for a catalog that SQLite refuses, or that is not what was written."""
    return WarehouseError(
        ReasonCode.WAREHOUSE_DAMAGED,
        f"the catalog is damaged ({what}); nothing was changed",
        where=str(folder / CATALOG),
        remedy=remedy,
    )
