"""A warehouse that this process may write: its lock, its transactions, and the seal at their end."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb

from labelhouse.errors import WarehouseBusyError
from labelhouse.lake.as_of import newest_snapshot
from labelhouse.places.place import WarehousePlace
from labelhouse.reason_codes import ReasonCode

LOCK_TIMEOUT_S = 600.0
_LOGGER = logging.getLogger(__name__)


class Warehouse:
    """A warehouse that this process may write; readers use warehouse/snapshots.py.

    Any number of processes may have it open; a process that changes it holds `lock`.
    """

    def __init__(self, place: WarehousePlace, connection: duckdb.DuckDBPyConnection) -> None:
        self.place = place
        self.connection = connection
        self._lock = place.lock()
        self._is_changed = False
        self._version = place.version()
        self._is_sealed = True
        self._sealed = 0

    @property
    def address(self) -> Path:
        """What the user calls the warehouse, and what errors name."""
        return self.place.address

    @property
    def waited_s(self) -> float:
        """Seconds that this process has waited for the lock so far."""
        return self._lock.waited_s

    @contextmanager
    def lock(self, timeout_s: float = LOCK_TIMEOUT_S, *, seals: bool = True) -> Iterator[None]:
        """Hold the right to change the warehouse; raises WarehouseBusyError after `timeout_s`.

        Changes are sealed at the end, unless `seals` is false because the caller replaces the catalog by a
        copy. A waiting process logs which process holds the lock. It gets the lock before that process gets
        it again.
        """
        if not self._lock.acquired(0):
            _LOGGER.warning("%s: waiting for %s", self.address, self.place.holder())
            self._wait(timeout_s)
        has_changed = False
        try:
            if self._lock.count == 1:
                self.place.note_holder()
                self._version = self.place.version()
            yield
        finally:
            try:
                # A statement outside our transactions changes the catalog too.
                if (
                    seals
                    and self._lock.count == 1
                    and (self._is_changed or self.place.version() != self._version)
                ):
                    self._is_changed = False
                    has_changed = True
                    self._is_sealed = self.place.seal(self.connection, sealed=self._sealed)
            finally:
                self._lock.release()
        if has_changed:
            self.place.settle()

    def announce_change(self) -> None:
        """Announce a change of the catalog without a new snapshot; the caller holds the lock."""
        self.place.announce_change()
        self._is_changed = True

    def seal_what_is_open(self, *, is_new: bool = False) -> None:
        """Seal commits that a killed process, or a statement without the lock, left without a copy.

        Files of a warehouse without any copy get no checksums here, unless it `is_new`: their writer is not
        known.
        """
        if self.place.catalog_folder is None:
            return
        snapshot = newest_snapshot(self.connection)
        if not self.place.has_copy(snapshot):
            # A kill may have come after the first commit, which defines the tables.
            self._sealed = 0 if is_new or snapshot <= 1 else snapshot
            self._is_changed = True

    def seal_what_is_left(self) -> None:
        """Seal what was committed without the lock, unless another process holds it, which then seals."""
        if self.place.catalog_folder is None or not self._is_sealed:
            return
        if not self.place.has_copy(newest_snapshot(self.connection)):
            try:
                with self.lock(timeout_s=0):
                    self._is_changed = True
            except WarehouseBusyError:
                pass

    def close(self) -> None:
        """Give up the lock's session, if it has one."""
        self._lock.close()

    def _wait(self, timeout_s: float) -> None:
        if not self._lock.acquired(timeout_s):
            raise WarehouseBusyError(
                ReasonCode.WAREHOUSE_BUSY,
                f"{self.place.holder()} has been changing the warehouse for {timeout_s:.0f} s",
                where=str(self.address),
                remedy="run again when it has finished",
            )

    @contextmanager
    def transaction(self, *, dry_run: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
        """Give the connection inside one transaction, committed unless the block raises.

        With `dry_run` the transaction is always rolled back.
        """
        self.connection.begin()
        try:
            yield self.connection
            if dry_run:
                self.connection.rollback()
            else:
                self.connection.commit()
                self._is_changed = True
        except BaseException:
            # After a failed COMMIT, or without its database, there is nothing left to roll back.
            with suppress(duckdb.Error):
                self.connection.rollback()
            raise
