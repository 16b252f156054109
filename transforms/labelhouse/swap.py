"""Replace a file or a folder that others are reading by a new one, at one moment."""

import ctypes
import glob
import os
import shutil
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from labelhouse.codes import Code
from labelhouse.durable import fsync_file, fsync_folder
from labelhouse.errors import WarehouseBusyError

LOCK_TIMEOUT_S = 600.0
_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
_READ_ONLY = 0o444


@contextmanager
def replacing(path: Path, *, read_only: bool = True) -> Iterator[Path]:
    """Give the path for the next version of `path`, which takes its place when the block ends.

    Readers who have the old one open keep it. If the block raises, or makes nothing, the old one stays.
    What killed calls left is removed first. One process at a time: raises WarehouseBusyError when
    another takes longer than LOCK_TIMEOUT_S.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with _locked(path):
        _sweep(path)
        fresh = path.with_name(f".{path.name}.{uuid.uuid4().hex[:12]}.new")
        try:
            yield fresh
            if fresh.is_dir():
                _swap_folder(fresh, path)
            elif fresh.exists():
                if read_only:
                    fresh.chmod(_READ_ONLY)
                os.replace(fresh, path)
                # A reader that opened the old file for writing may have left a log that is not ours.
                path.with_name(path.name + ".wal").unlink(missing_ok=True)
            fsync_folder(path.parent)
        finally:
            _sweep(path)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    lock = FileLock(path.with_name(f".{path.name}.lock"))
    try:
        lock.acquire(timeout=LOCK_TIMEOUT_S)
    except Timeout:
        raise WarehouseBusyError(
            Code.WAREHOUSE_BUSY,
            f"another process has been writing it for {LOCK_TIMEOUT_S:.0f} s",
            where=str(path),
            remedy="run again when it has finished",
        ) from None
    try:
        yield
    finally:
        lock.release()


def _swap_folder(fresh: Path, path: Path) -> None:
    """Put a folder in the place of another: at once where Linux can, else by two renames."""
    for file in fresh.iterdir():
        fsync_file(file)
    fsync_folder(fresh)
    if not path.exists():
        fresh.rename(path)
    elif _exchange(fresh, path):
        _remove(fresh)
    else:
        old = fresh.with_suffix(".new.old")
        path.rename(old)
        fresh.rename(path)
        _remove(old)


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
    """Remove what this or a killed call has begun, with the logs and spilled rows beside it."""
    for left in path.parent.glob(f".{glob.escape(path.name)}.*.new*"):
        _remove(left)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
