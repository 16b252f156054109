"""Folders for temporary files of this process alone; the next process removes those that a kill leaves."""

import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

_PREFIX = "labelhouse-"
_LOCK = ".lock"
_UNUSED_S = 86_400.0
"""A lock without a folder may be new, with its folder still to be made; after a day it is not."""
_held: set[Path] = set()
"""Locks of this process, which need not be tried."""


class PrivateFolder:
    """A folder that only this user can read; it exists until `remove`.

    If its process dies, it exists until the next such folder is made. It lies where the system wants
    temporary files. Its lock lies beside it and is released when the process dies.
    """

    def __init__(self) -> None:
        place = Path(tempfile.gettempdir())
        _sweep(place)
        # The lock exists before the folder does, so that no other process sweeps it.
        with tempfile.NamedTemporaryFile(prefix=_PREFIX, suffix=_LOCK, delete=False) as file:
            self._lock_path = Path(file.name)
        # Any thread may remove the folder.
        self._lock = FileLock(self._lock_path, thread_local=False)
        self._lock.acquire(timeout=0)
        _held.add(self._lock_path)
        self.path = self._lock_path.with_suffix("")
        self.path.mkdir(mode=0o700)

    def remove(self) -> None:
        """Remove the folder with all that is in it; a second call does nothing."""
        shutil.rmtree(self.path, ignore_errors=True)
        self._lock.release()
        self._lock_path.unlink(missing_ok=True)
        _held.discard(self._lock_path)


@contextmanager
def private_folder() -> Iterator[Path]:
    """Give a private folder for the duration of the block."""
    folder = PrivateFolder()
    try:
        yield folder.path
    finally:
        folder.remove()


def _sweep(place: Path) -> None:
    """Remove the folders of processes that have died."""
    for path in place.glob(f"{_PREFIX}*{_LOCK}"):
        folder = path.with_suffix("")
        if path in _held:
            continue
        try:
            if not _is_ours(path):
                continue
            is_unused = not folder.is_dir() and time.time() - path.stat().st_mtime > _UNUSED_S
            if not (is_unused or folder.is_dir()):
                continue
            with FileLock(path, timeout=0):
                shutil.rmtree(folder, ignore_errors=True)
                path.unlink(missing_ok=True)
        except (OSError, Timeout):
            # It is in use, or belongs to another user.
            continue


def _is_ours(path: Path) -> bool:
    status = path.lstat()
    return stat.S_ISREG(status.st_mode) and (os.name != "posix" or status.st_uid == os.getuid())
