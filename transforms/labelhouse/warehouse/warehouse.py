"""A warehouse that this process may write: its lock, its transactions, and the seal at their end."""

import logging
import os
import platform
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb

from labelhouse.backups.generations import announce_change, is_unsealed, newest_generation
from labelhouse.backups.sealing import seal
from labelhouse.errors import WarehouseBusyError
from labelhouse.files.fair_lock import FairLock
from labelhouse.lake.as_of import newest_snapshot
from labelhouse.lake.catalog_copy import catalog_version
from labelhouse.lake.warehouse_folder import HOLDER, LOCK
from labelhouse.reason_codes import ReasonCode
from labelhouse.warehouse_layout import CATALOG, DATA, STAGING

LOCK_TIMEOUT_S = 600.0
_HOLDER = re.compile(r"process \d+ on [\w.-]*", re.ASCII)
_HOLDER_LENGTH = 300
_LOGGER = logging.getLogger(__name__)


class Warehouse:
    """A warehouse that this process may write; readers use warehouse/snapshots.py.

    Any number of processes may have it open; a process that changes it holds `lock`.
    """

    def __init__(self, folder: Path, connection: duckdb.DuckDBPyConnection) -> None:
        self.folder = folder
        self.connection = connection
        self._lock = FairLock(folder / LOCK)
        self._is_changed = False
        self._version = catalog_version(folder / CATALOG)
        self._is_sealed = True
        self._sealed = 0

    @property
    def waited_s(self) -> float:
        """Seconds that this process has waited for the lock so far."""
        return self._lock.waited_s

    @property
    def staging(self) -> Path:
        """Folder for files that are not data yet."""
        return self.folder / STAGING

    @contextmanager
    def lock(self, timeout_s: float = LOCK_TIMEOUT_S, *, seals: bool = True) -> Iterator[None]:
        """Hold the right to change the warehouse; raises WarehouseBusyError after `timeout_s`.

        Changes are sealed at the end, unless `seals` is false because the caller replaces the catalog by a
        copy. A waiting process logs which process holds the lock. It gets the lock before that process gets
        it again.
        """
        if not self._lock.acquired(0):
            _LOGGER.warning("%s: waiting for %s", self.folder, self._holder())
            self._wait(timeout_s)
        try:
            if self._lock.count == 1:
                # The file only names the process that holds the lock.
                with suppress(OSError):
                    self._holder_file.write_text(f"process {os.getpid()} on {platform.node()}")
            if self._lock.count == 1:
                self._version = catalog_version(self.folder / CATALOG)
            yield
        finally:
            try:
                # A statement outside our transactions changes the catalog too.
                if (
                    seals
                    and self._lock.count == 1
                    and (self._is_changed or catalog_version(self.folder / CATALOG) != self._version)
                ):
                    self._is_changed = False
                    self._is_sealed = seal(self.folder, self.connection, sealed=self._sealed)
            finally:
                self._lock.release()

    def announce_change(self) -> None:
        """Announce a change of the catalog without a new snapshot; the caller holds the lock."""
        announce_change(self.folder)
        self._is_changed = True

    def seal_what_is_open(self, *, is_new: bool = False) -> None:
        """Seal commits that a killed process, or a statement without the lock, left without a copy.

        Files of a warehouse without any copy get no checksums here, unless it `is_new`: their writer is not
        known.
        """
        snapshot = newest_snapshot(self.connection)
        if not self._has_copy(snapshot):
            # A kill may have come after the first commit, which defines the tables.
            self._sealed = 0 if is_new or snapshot <= 1 else snapshot
            self._is_changed = True

    def _has_copy(self, snapshot: int) -> bool:
        newest = newest_generation(self.folder)
        return newest is not None and newest.snapshot_id == snapshot and not is_unsealed(self.folder)

    def seal_what_is_left(self) -> None:
        """Seal what was committed without the lock, unless another process holds it, which then seals."""
        if self._is_sealed and not self._has_copy(newest_snapshot(self.connection)):
            try:
                with self.lock(timeout_s=0):
                    self._is_changed = True
            except WarehouseBusyError:
                pass

    def _wait(self, timeout_s: float) -> None:
        if not self._lock.acquired(timeout_s):
            raise WarehouseBusyError(
                ReasonCode.WAREHOUSE_BUSY,
                f"{self._holder()} has been changing the warehouse for {timeout_s:.0f} s",
                where=str(self.folder),
                remedy="run again when it has finished",
            )

    @property
    def _holder_file(self) -> Path:
        # Not the lock file itself, because Windows lets no process read a locked file.
        return self.folder / HOLDER

    def _holder(self) -> str:
        try:
            with self._holder_file.open(encoding="utf-8", errors="replace") as file:
                text = file.read(_HOLDER_LENGTH)
        except OSError:
            return "another process"
        return text if _HOLDER.fullmatch(text) else "another process"

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
            # After a failed COMMIT there is nothing left to roll back.
            try:
                self.connection.rollback()
            except duckdb.TransactionException:
                pass
            raise

    def data_folder(self, table: str) -> Path:
        """Return where the files of a table lie."""
        return self.folder / DATA / "main" / table
