"""A lock between processes that nobody takes twice while somebody waits."""

import time
from pathlib import Path

from filelock import FileLock, Timeout


class FairLock:
    """A lock on a file, held by at most one process and let go of when that dies.

    A process that waits for it holds a second one, the turn, which has to be had to take the first. So the
    process that lets go of the lock cannot have it back before the one that waits has had it. Processes
    that wait for the turn get it in no order.
    """

    def __init__(self, path: Path) -> None:
        self._lock = FileLock(path)
        self._turn = FileLock(path.with_name(f"{path.name}.turn"))
        self.waited_s = 0.0
        """Seconds that were spent on waiting for the lock so far."""

    @property
    def count(self) -> int:
        """How many times this process holds it."""
        return self._lock.lock_counter

    def acquired(self, timeout_s: float) -> bool:
        """Take the lock, once more if this process holds it; return False if it is not free in time."""
        if self.count:
            self._lock.acquire()
            return True
        began = time.monotonic()
        try:
            with self._turn.acquire(timeout=timeout_s):
                self._lock.acquire(timeout=max(0.0, timeout_s - (time.monotonic() - began)))
        except Timeout:
            return False
        finally:
            self.waited_s += time.monotonic() - began
        return True

    def release(self) -> None:
        """Let go of the lock once."""
        self._lock.release()
