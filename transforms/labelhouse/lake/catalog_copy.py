"""Copy a catalog that others may be changing: one state of it, whole.

DuckLake 1.5.5 shows torn states to a reader of the live catalog beside a commit, in a transaction as in a
single select: see docs/decisions/0012-one-state-per-reader.md. A reader of a copy sees one state.
"""

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

from labelhouse.errors import WarehouseBusyError, WarehouseError
from labelhouse.files.private_folder import private_folder
from labelhouse.lake.warehouse_failures import warehouse_failure
from labelhouse.reason_codes import ReasonCode
from labelhouse.warehouse_layout import CATALOG

BUSY_TIMEOUT_S = 10.0
_TRIES = 20
_TRIES_WITHOUT_LOG = 3
_LOCK = threading.Lock()
_USERS: Counter[int] = Counter()
"""Threads that have the live catalog open through DuckDB, or may open it at any time."""
_JUST_NOW_NS = 50_000_000
"""Two changes within this time may leave a file with the same time of change."""


@contextmanager
def using_live_catalog() -> Iterator[None]:
    """Record that this thread's DuckDB may have a catalog open while the block runs.

    DuckDB has its own SQLite. When Python's SQLite closes a file, the system drops the locks that DuckDB's
    SQLite holds on it in the same process. Another process may then change the file during a read. So a
    separate process makes the copy while another thread is in such a block.
    """
    me = threading.get_ident()
    with _LOCK:
        _USERS[me] += 1
    try:
        yield
    finally:
        with _LOCK:
            _USERS[me] -= 1
            if not _USERS[me]:
                del _USERS[me]


def copy_catalog(source: Path, target: Path, *, is_locked: bool = False) -> None:
    """Write the committed state of a catalog, as it is at one moment, to a new file without a log.

    The calling thread has no transaction open on the catalog. With `is_locked` it holds the warehouse's
    lock, so that no other process changes the catalog. Nothing is written beside the source. Raises
    WarehouseError if the catalog cannot be read, OSError if the copy cannot be written.
    """
    try:
        with sqlite_errors():
            with _alone() as is_alone:
                if is_alone:
                    _copy(source, target, is_locked=is_locked)
                    return
            in_a_process("lake.catalog_copy", "copy_catalog", source, target)
    except sqlite3.Error as error:
        raise catalog_failure(error, source) from None


@contextmanager
def _alone() -> Iterator[bool]:
    """Keep other threads from beginning to use a catalog; yield whether none uses one."""
    with _LOCK:
        yield not any(user != threading.get_ident() for user in _USERS)


def _copy(source: Path, target: Path, *, is_locked: bool) -> None:
    # SQLite would make its files for the log, and a reader would leave them there.
    if not _copied_without_log(source, target, is_locked=is_locked):
        try:
            _backup(source, target)
        except sqlite3.OperationalError as error:
            # Without the right to write, SQLite opens a log only if a writer has left its index.
            if not (source.is_file() and _is_about_opening(error)):
                raise
            _copy_changing(source, target)
    with closing(sqlite3.connect(target)) as copy:
        _be_quick(copy)
        # If the copy had a log, a reader would have to write beside it.
        copy.execute("pragma journal_mode = delete")


def _backup(source: Path, target: Path) -> None:
    target.unlink(missing_ok=True)
    uri = f"{source.absolute().as_uri()}?mode=ro"
    with (
        closing(sqlite3.connect(uri, uri=True, timeout=BUSY_TIMEOUT_S)) as catalog,
        closing(sqlite3.connect(target)) as copy,
    ):
        _be_quick(copy)
        catalog.backup(copy)


def in_a_process(module: str, function: str, *paths: Path) -> None:
    """Call a function of a module with paths, in a process of its own; raises sqlite3.Error."""
    script = (
        f"import sys, pathlib; from labelhouse.{module} import {function}; "
        f"{function}(*map(pathlib.Path, sys.argv[1:]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *map(str, paths)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [""])[-1]
        raise sqlite3.OperationalError(last.partition(": ")[2] or "the process died")


@contextmanager
def copied(folder: Path, *, is_locked: bool = False) -> Iterator[Path]:
    """Give a copy of the current catalog for reading, for the duration of the block."""
    with private_folder() as place:
        copy = place / CATALOG
        copy_catalog(folder / CATALOG, copy, is_locked=is_locked)
        yield copy


@contextmanager
def open_copy(catalog: Path) -> Iterator[sqlite3.Connection]:
    """Open a copy of a catalog, which no DuckDB uses, for reading; raises sqlite3.DatabaseError."""
    uri = f"{catalog.absolute().as_uri()}?mode=ro"
    with sqlite_errors(), closing(sqlite3.connect(uri, uri=True)) as opened:
        yield opened


@contextmanager
def sqlite_errors() -> Iterator[None]:
    """Raise sqlite3.DatabaseError where Python cannot decode SQLite's message on a damaged name."""
    try:
        yield
    except UnicodeDecodeError:
        raise sqlite3.DatabaseError("malformed database schema: a name is no UTF-8") from None


def first_bytes(source: Path, count: int) -> bytes | None:
    """Read the beginning of a catalog; None while another thread's DuckDB has it open."""
    with _alone() as is_alone:
        if not is_alone:
            return None
        with source.open("rb") as file:
            return file.read(count)


def _be_quick(copy: sqlite3.Connection) -> None:
    """Skip syncing to disk; the caller syncs a copy that has to survive a power cut."""
    copy.execute("pragma synchronous = off")


def _is_about_opening(error: sqlite3.OperationalError) -> bool:
    return "unable to open" in str(error) or "readonly" in str(error)


def _copied_without_log(source: Path, target: Path, *, is_locked: bool) -> bool:
    """Copy a catalog as a file if it has no log and no process writes; return whether it was copied."""
    log = source.with_name(source.name + "-wal")
    for _ in range(_TRIES_WITHOUT_LOG):
        if log.exists():
            return False
        if _copied_unopened(source, target, is_locked=is_locked):
            return True
        time.sleep(_JUST_NOW_NS / 1e9)
    return False


def _copied_unopened(source: Path, target: Path, *, is_locked: bool = False) -> bool:
    """Copy a catalog, and its log if any, as files; return whether both stayed the same meanwhile."""
    log, copied_log = (path.with_name(path.name + "-wal") for path in (source, target))
    before = catalog_version(source)
    times = [version.st_mtime_ns for version in before if version]
    if not is_locked and any(time.time_ns() - changed < _JUST_NOW_NS for changed in times):
        return False
    copied_log.unlink(missing_ok=True)
    shutil.copyfile(source, target)
    if log.exists():
        shutil.copyfile(log, copied_log)
    return catalog_version(source) == before


def _copy_changing(source: Path, target: Path) -> None:
    for _ in range(_TRIES):
        if _copied_unopened(source, target):
            return
        time.sleep(_JUST_NOW_NS / 1e9)
    raise WarehouseBusyError(
        ReasonCode.WAREHOUSE_BUSY,
        "the catalog changes faster than it can be copied",
        where=str(source.parent),
        remedy="run again when fewer ingests are running",
    )


class FileVersion(NamedTuple):
    """What the system records of a file and changes whenever its content changes."""

    st_ino: int
    st_size: int
    st_mtime_ns: int


def catalog_version(catalog: Path) -> tuple[FileVersion | None, ...]:
    """Return the versions of a catalog and of its log; they differ if a process has changed it."""
    log = _version(catalog.with_name(catalog.name + "-wal"))
    # A process that only reads makes a log, too: an empty one.
    return _version(catalog), log if log and log.st_size else None


def _version(path: Path) -> FileVersion | None:
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return FileVersion(status.st_ino, status.st_size, status.st_mtime_ns)


def catalog_failure(error: sqlite3.Error, source: Path) -> WarehouseError:
    """Return what an error of SQLite at a catalog means."""
    if "locked" in str(error) or "busy" in str(error):
        return WarehouseBusyError(
            ReasonCode.WAREHOUSE_BUSY,
            "another process is changing the catalog",
            where=str(source.parent),
            remedy="run again when it has finished",
        )
    if "full" in str(error):
        return WarehouseError(
            ReasonCode.NO_SPACE,
            "there is no space for a copy of the catalog",
            where=tempfile.gettempdir(),
            remedy="free space there, or set TMPDIR to a folder on a larger disk, and run again",
        )
    if isinstance(known_failure := warehouse_failure(error, source.parent), WarehouseError):
        return known_failure
    return WarehouseError(
        ReasonCode.WAREHOUSE_DAMAGED,
        f"the catalog {source.name} cannot be read ({type(error).__name__})",
        where=str(source.parent),
        remedy="run: labelhouse restore",
    )
