"""A lock between processes that no process takes twice while another one waits."""

import time
from pathlib import Path

from filelock import FileLock, Timeout


class FairLock:
    """A lock on a file, held by at most one process and released when that process dies.

    A waiting process holds a second lock, the turn, which a process needs to take the first one. So a
    process that releases the lock cannot take it again before the waiting process has had it. Processes
    that wait for the turn get it in no order.
    """

    def __init__(self, path: Path) -> None:
        self._lock = FileLock(path)
        self._turn = FileLock(path.with_name(f"{path.name}.turn"))
        self.waited_s = 0.0
        """Seconds spent on waiting for the lock so far."""

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
        """Release the lock once."""
        self._lock.release()

    def close(self) -> None:
        """Do nothing: it holds nothing open while no process has it."""
