"""The right to change a shared warehouse: a lock that its database gives to one session at a time."""

import logging
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labelhouse.errors import WarehouseError
from labelhouse.places.postgres import catalog_errors, open_session, postgres_statement
from labelhouse.places.warehouse_file import CatalogAddress
from labelhouse.reason_codes import ReasonCode

if TYPE_CHECKING:
    import psycopg

LOCK_KEY = 0x1ABE1_0001
"""The number of the lock; a database holds one warehouse."""
_TRIES = 5
_PAUSE_S = 0.2
_LOGGER = logging.getLogger(__name__)


class AdvisoryLock:
    """A lock that dies with its session: at the latest when the database misses this machine.

    Waiting processes get it in the order in which they came. It keeps processes from waiting for each
    other's failures; that two changes never mix is up to the fence.
    """

    def __init__(self, address: CatalogAddress, where: Path) -> None:
        self._address = address
        self._where = where
        self._session: psycopg.Connection[Any] | None = None
        self.count = 0
        """How many times this process holds it."""
        self.waited_s = 0.0
        """Seconds spent on waiting for the lock so far."""

    def acquired(self, timeout_s: float) -> bool:
        """Take the lock, once more if this process holds it; return False if it is not free in time."""
        if self.count:
            self.count += 1
            return True
        began = time.monotonic()
        try:
            for number in range(_TRIES):
                left_s = max(0.0, timeout_s - (time.monotonic() - began)) if number else timeout_s
                try:
                    with catalog_errors(self._where):
                        is_ours = self._asked(left_s, waits=timeout_s > 0)
                except WarehouseError as error:
                    # The session was idle or waited, and the database or the network has ended it.
                    self.close()
                    if error.code is not ReasonCode.CATALOG_UNREACHABLE or number == _TRIES - 1:
                        raise
                    time.sleep(_PAUSE_S * number)
                else:
                    self.count = int(is_ours)
                    return is_ours
        finally:
            self.waited_s += time.monotonic() - began
        raise AssertionError("the last try returns or raises")

    def _asked(self, timeout_s: float, *, waits: bool) -> bool:
        """Ask the database for the lock; return whether this session has it."""
        from psycopg import errors

        session = self._opened()
        if not waits:
            row = session.execute(postgres_statement("try_lock"), {"key": LOCK_KEY}).fetchone()
            return bool(row and row[0])
        bound = {"timeout": f"{max(1, round(timeout_s * 1000))}ms"}
        session.execute(postgres_statement("lock_timeout"), bound)
        try:
            session.execute(postgres_statement("lock"), {"key": LOCK_KEY})
        except errors.LockNotAvailable:
            return False
        return True

    def release(self) -> None:
        """Release the lock once."""
        self.count -= 1
        if self.count or self._session is None:
            return
        from psycopg import Error

        try:
            self._session.execute(postgres_statement("unlock"), {"key": LOCK_KEY})
        except Error:
            # The fence has decided what was committed in the meantime.
            _LOGGER.warning("%s: the session that held the lock was lost", self._where)
            self.close()

    def holder(self) -> str:
        """Return which process holds the lock."""
        with catalog_errors(self._where):
            row = self._opened().execute(postgres_statement("lock_holder"), {"key": LOCK_KEY}).fetchone()
        return str(row[0]).rpartition(": ")[2] if row and row[0] else "another process"

    def close(self) -> None:
        """End the session, and with it the lock."""
        if self._session is not None:
            self._session.close()
            self._session = None

    def _opened(self) -> "psycopg.Connection[Any]":
        if self._session is None or self._session.closed:
            self._session = open_session(self._address, self._where, "lock")
        return self._session
