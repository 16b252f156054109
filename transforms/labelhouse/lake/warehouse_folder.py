"""Decide whether a warehouse may be made in a folder: absent, empty, or left by a first start.

The catalog gets its name when it is whole, so no reader can use a folder without one. Names alone show what
a first start of Labelhouse left: only the two tables that are written before that.
"""

import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from labelhouse.errors import UsageError
from labelhouse.lake.catalog_copy import sqlite_errors
from labelhouse.reason_codes import ReasonCode
from labelhouse.schema.data_file_names import is_data_file
from labelhouse.schema.warehouse_tables import DEFINITIONS, FENCE
from labelhouse.sql_library.statements import statement
from labelhouse.warehouse_layout import CATALOG, DATA, STAGING

LOCK = "lock"
HOLDER = f"{LOCK}.holder"
TURN = f"{LOCK}.turn"
NEW_CATALOG = f"{CATALOG}.new"
"""Where the first catalog is made."""
_PENDING = "pending"
_RUN = "run-"
_HOLDER_BYTES = 1000
_HOLDER_LENGTH = 300
_HOLDER_FORM = re.compile(r"process \d+ on (?P<node>[\w.-]*)", re.ASCII)
_MAIN = "main"
FIRST_TABLES = (FENCE.name, DEFINITIONS.name)
"""The tables that are written before the catalog has its name."""
_IGNORABLE = frozenset(
    {
        "lost+found",
        ".DS_Store",
        ".directory",
        ".fseventsd",
        ".Spotlight-V100",
        ".Trashes",
        "@eaDir",
        "Thumbs.db",
        "desktop.ini",
        "System Volume Information",
    }
)
"""Names that operating systems leave in folders by themselves."""


def require_place_for_warehouse(folder: Path) -> None:
    """Raise UsageError if the folder holds foreign files and no warehouse; changes nothing.

    The folder may also be absent or empty, or hold what a killed first start left. A warehouse is never
    made inside another.
    """
    if has_catalog(folder):
        return
    stranger = next(_strangers(folder), None)
    # A catalog that another process made meanwhile explains what is beside it.
    if stranger is not None and not has_catalog(folder):
        raise _not_ours(folder, f"{stranger} is in the folder, which is not a warehouse")
    for parent in Path(os.path.realpath(folder)).parents:
        if (parent / CATALOG).is_file() and (parent / DATA).is_dir():
            raise _not_ours(folder, f"is inside the warehouse {parent}")


def new_catalog_names() -> Iterator[str]:
    """Yield the names of the first catalog and of what SQLite keeps beside it, until it is whole."""
    return (NEW_CATALOG + ending for ending in ("", "-journal", "-shm", "-wal"))


def has_catalog(folder: Path) -> bool:
    """Return whether a folder has the catalog of a warehouse; raises UsageError for a foreign one.

    This does not show whether the catalog is whole: one beside the data of a warehouse is not opened.
    """
    path = folder / CATALOG
    if not os.path.lexists(path) or (path.is_file() and path.stat().st_size == 0):
        return False
    if not (folder / DATA / _MAIN / FENCE.name).is_dir() and not _is_ours(path):
        raise _not_ours(folder, f"{CATALOG} in the folder is not that of a warehouse")
    return True


def holder_of(folder: Path) -> str | None:
    """Return which process has, or last had, the lock of a folder; None if no file says so."""
    match = _holder(folder)
    return match[0] if match else None


def node_of(folder: Path) -> str | None:
    """Return the machine whose process last had the lock of a folder; None if no file says so."""
    match = _holder(folder)
    return match["node"] or None if match else None


def _holder(folder: Path) -> re.Match[str] | None:
    try:
        # Not the lock file itself, because Windows lets no process read a locked file.
        with (folder / HOLDER).open(encoding="utf-8", errors="replace") as file:
            return _HOLDER_FORM.fullmatch(file.read(_HOLDER_LENGTH))
    except OSError:
        return None


def is_ignorable(name: str) -> bool:
    """Return whether operating systems leave files or folders of this name in folders by themselves."""
    return name in _IGNORABLE or name.startswith(("._", ".Trash-", ".nfs"))


def _not_ours(folder: Path, what: str) -> UsageError:
    return UsageError(
        ReasonCode.USAGE,
        what,
        where=str(folder),
        remedy="choose an absent or empty folder with --warehouse",
    )


def _is_ours(path: Path) -> bool:
    """Return whether a file is a catalog that has the tables of a warehouse."""
    try:
        # No log is read or made: a catalog of ours has its tables since it has its name.
        uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
        with sqlite_errors(), closing(sqlite3.connect(uri, uri=True)) as catalog:
            kept = {name for (name,) in catalog.execute(statement("lake/tables_of_new_catalog"))}
    except sqlite3.OperationalError as error:
        # Without the right to read it, attaching reports that.
        return "unable to open" in str(error) and path.is_file()
    except sqlite3.DatabaseError:
        return False
    return FENCE.name in kept


def _strangers(folder: Path) -> Iterator[str]:
    """Yield paths below a folder without a catalog that no first start of Labelhouse leaves."""
    for entry in _entries(folder):
        if entry.name == DATA and entry.is_dir():
            yield from (f"{DATA}/{path}" for path in _strangers_in_data(entry.path))
        elif entry.name == STAGING and entry.is_dir():
            yield from (f"{STAGING}/{e.name}" for e in _entries(entry.path) if not _is_staging(e.name))
        elif not _is_first_file(entry):
            yield entry.name


def _strangers_in_data(data: str) -> Iterator[str]:
    for entry in _entries(data):
        if entry.name != _MAIN or not entry.is_dir():
            yield entry.name
            continue
        for table in _entries(entry.path):
            if table.name not in FIRST_TABLES or not table.is_dir():
                yield f"{_MAIN}/{table.name}"
                continue
            names = (file.name for file in _entries(table.path) if not is_data_file(table.name, file.name))
            yield from (f"{_MAIN}/{table.name}/{name}" for name in names)


def _is_staging(name: str) -> bool:
    return name == _PENDING or name.startswith(_RUN)


def _is_first_file(entry: "os.DirEntry[str]") -> bool:
    if not entry.is_file(follow_symlinks=False):
        return False
    try:
        size = entry.stat(follow_symlinks=False).st_size
    except FileNotFoundError:
        # Another process makes its first catalog beside this one, and has renamed or removed the file.
        return True
    if entry.name == HOLDER:
        return size <= _HOLDER_BYTES
    is_empty = size == 0 and entry.name in (LOCK, TURN, CATALOG, f"{CATALOG}-wal", f"{CATALOG}-shm")
    return is_empty or entry.name in new_catalog_names()


def _entries(folder: str | Path) -> "Iterator[os.DirEntry[str]]":
    """Yield the entries of a folder, if it is one, except those that operating systems leave there."""
    try:
        entries = os.scandir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return
    with entries:
        yield from (entry for entry in entries if not is_ignorable(entry.name))
