"""Replace a file or a folder that others are reading by a new one, at one moment."""

import ctypes
import os
import re
import secrets
import shutil
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from labelhouse.errors import WarehouseBusyError
from labelhouse.files.durable_files import fsync_file, fsync_folder
from labelhouse.files.output_file import keep_permissions, removed_at_end
from labelhouse.files.output_place import refused
from labelhouse.files.output_stream import output_error
from labelhouse.reason_codes import ReasonCode

LOCK_TIMEOUT_S = 600.0
_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
_WRITING = 0o222
_LEFT = r"\.[0-9a-f]{12}\.new(\.[a-z.]+)?"
"""How the name of an unfinished output ends, after that of its target: a folder; files in old versions."""


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give the path for the next version of `path`, which takes its place when the block ends.

    `path` is free of links (see output_place) and its folder exists. The new version is built in a folder
    that only this user can read. It gets the permissions of the old one, a file without those to write.
    Readers that have the old one open keep seeing it. If the block raises, or makes nothing, the old one
    stays. Leftovers of killed calls are removed first. One process writes at a time: raises
    WarehouseBusyError when another takes longer than LOCK_TIMEOUT_S, OutputError where it cannot be
    written.
    """
    with _locked(path):
        _sweep(path)
        building = path.with_name(f".{path.name}.{secrets.token_hex(6)}.new")
        fresh = building / path.name
        with removed_at_end(lambda: _remove(building)):
            with _told(path):
                building.mkdir(mode=0o700)
            yield fresh
            with _told(path):
                if fresh.is_dir():
                    _swap_folder(fresh, path)
                elif fresh.exists():
                    _swap_file(fresh, path)


def log_of(path: Path) -> Path:
    """Return the path where DuckDB keeps what it has not yet written into a file."""
    return path.with_name(path.name + ".wal")


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise output_error(error, str(path)) from None


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    name = path.with_name(f".{path.name}.lock")
    if name.is_symlink() or (name.exists() and not (name.is_file() and name.stat().st_size == 0)):
        raise refused(path, f"cannot be written ({name.name} beside it is not a lock of Labelhouse)")
    lock = FileLock(name)
    try:
        with _told(path):
            lock.acquire(timeout=LOCK_TIMEOUT_S)
    except Timeout:
        raise WarehouseBusyError(
            ReasonCode.WAREHOUSE_BUSY,
            f"another process has been writing it for {LOCK_TIMEOUT_S:.0f} s",
            where=str(path),
            remedy="run again when it has finished",
        ) from None
    try:
        yield
    finally:
        lock.release()


def _swap_file(fresh: Path, path: Path) -> None:
    """Replace a file by a new one, which is on disk, and make it read-only."""
    _keep_permissions(fresh, path)
    fresh.chmod(stat.S_IMODE(fresh.stat().st_mode) & ~_WRITING)
    os.replace(fresh, path)
    # A reader that opened the old file for writing may have left a log that is not ours.
    log_of(path).unlink(missing_ok=True)
    fsync_folder(path.parent)


def _swap_folder(fresh: Path, path: Path) -> None:
    """Replace a folder by a new one: in one step where Linux can, else by two renames."""
    for file in fresh.iterdir():
        fsync_file(file)
        _keep_permissions(file, path / file.name)
    fsync_folder(fresh)
    _keep_permissions(fresh, path)
    if not path.exists():
        fresh.rename(path)
    elif not _exchange(fresh, path):
        old = fresh.with_name("old")
        path.rename(old)
        try:
            fresh.rename(path)
        except BaseException:
            old.rename(path)
            raise
    fsync_folder(path.parent)


def _keep_permissions(fresh: Path, path: Path) -> None:
    """Give a file or a folder the permissions of the one that it replaces, if there is one."""
    if os.name == "posix" and path.exists():
        descriptor = os.open(fresh, os.O_RDONLY)
        try:
            keep_permissions(descriptor, path.stat())
        finally:
            os.close(descriptor)


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two names in one step; False where the system or the file system cannot."""
    if sys.platform != "linux":
        return False
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError):
        return False
    names = os.fsencode(one), os.fsencode(other)
    return bool(rename(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_EXCHANGE) == 0)


def _sweep(path: Path) -> None:
    """Remove leftovers of killed calls, with the logs and spilled rows that earlier versions left."""
    left = re.compile(re.escape(f".{path.name}") + _LEFT, re.DOTALL)
    for entry in [entry for entry in path.parent.iterdir() if left.fullmatch(entry.name)]:
        _remove(entry)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
