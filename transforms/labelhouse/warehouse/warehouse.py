"""Open a warehouse folder for changes: create it, lock it."""

import logging
import os
import platform
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb

from labelhouse.backups.generations import announce_change, is_unsealed, newest_generation
from labelhouse.backups.lost_catalog import require_true_catalog, require_whole_catalog
from labelhouse.backups.sealing import seal
from labelhouse.errors import WarehouseBusyError, WarehouseError
from labelhouse.failures import is_interrupt
from labelhouse.files.durable_files import fsync_file, fsync_folder, writing
from labelhouse.files.fair_lock import FairLock
from labelhouse.lake.as_of import newest_snapshot
from labelhouse.lake.catalog_copy import catalog_version, using_live_catalog
from labelhouse.lake.definitions import are_current, define
from labelhouse.lake.engine import attach, connect_engine, detach, engine_error, set_commit_message
from labelhouse.lake.file_layout import apply_layout
from labelhouse.lake.network_folder import refuse_network_folder
from labelhouse.lake.schema_check import is_defined, missing_warehouse, require_schema
from labelhouse.lake.warehouse_failures import warehouse_failure
from labelhouse.lake.warehouse_folder import (
    HOLDER,
    LOCK,
    NEW_CATALOG,
    has_catalog,
    new_catalog_names,
    require_place_for_warehouse,
)
from labelhouse.reason_codes import Code
from labelhouse.schema.warehouse_tables import SCHEMA_VERSION
from labelhouse.sql_library.statements import statement
from labelhouse.staging.pending_ingests import last_attempt
from labelhouse.texts.names import refuse_backslash, refuse_unstorable
from labelhouse.warehouse_layout import CATALOG, DATA, STAGING

LOCK_TIMEOUT_S = 600.0
_HOLDER = re.compile(r"process \d+ on [\w.-]*", re.ASCII)
_HOLDER_LENGTH = 300
_LOGGER = logging.getLogger(__name__)


class Warehouse:
    """A warehouse that this process may write; readers use warehouse/snapshots.py.

    Any number of processes may have it open; who changes it holds `lock`.
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
        """Folder for what is no data yet."""
        return self.folder / STAGING

    @contextmanager
    def lock(self, timeout_s: float = LOCK_TIMEOUT_S) -> Iterator[None]:
        """Hold the right to change the warehouse; raises WarehouseBusyError after `timeout_s`.

        Whoever waits is told for which process, and gets it before the process that holds it gets it again.
        """
        if not self._lock.acquired(0):
            _LOGGER.warning("%s: waiting for %s", self.folder, self._holder())
            self._wait(timeout_s)
        try:
            if self._lock.count == 1:
                # It only tells who holds the lock.
                with suppress(OSError):
                    self._holder_file.write_text(f"process {os.getpid()} on {platform.node()}")
            if self._lock.count == 1:
                self._version = catalog_version(self.folder / CATALOG)
            yield
        finally:
            try:
                # A statement without a transaction of ours changes the catalog too.
                if self._lock.count == 1 and (
                    self._is_changed or catalog_version(self.folder / CATALOG) != self._version
                ):
                    self._is_changed = False
                    self._is_sealed = seal(self.folder, self.connection, sealed=self._sealed)
            finally:
                self._lock.release()

    def announce_change(self) -> None:
        """Say that the catalog is going to change without a new snapshot; the caller holds the lock."""
        announce_change(self.folder)
        self._is_changed = True

    def seal_what_is_open(self, *, is_new: bool = False) -> None:
        """Seal commits that a killed process, or a statement without the lock, left without a copy.

        Files of a warehouse without any copy get no checksums here, unless it `is_new`: who wrote them is
        not known.
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
        """Seal what was committed without the lock, unless another process has it, which seals then."""
        if self._is_sealed and not self._has_copy(newest_snapshot(self.connection)):
            try:
                with self.lock(timeout_s=0):
                    self._is_changed = True
            except WarehouseBusyError:
                pass

    def _wait(self, timeout_s: float) -> None:
        if not self._lock.acquired(timeout_s):
            raise WarehouseBusyError(
                Code.WAREHOUSE_BUSY,
                f"{self._holder()} has been changing the warehouse for {timeout_s:.0f} s",
                where=str(self.folder),
                remedy="run again when it has finished",
            )

    @property
    def _holder_file(self) -> Path:
        # Not the lock file itself: Windows lets nobody read a locked file.
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

        With `dry_run` it is rolled back in any case.
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


@contextmanager
def open_warehouse(folder: Path) -> Iterator[Warehouse]:
    """Open a warehouse for writing, and create it if the folder holds nothing.

    Raises UsageError for a folder with something of somebody else, which stays as it is.
    """
    folder = folder.absolute()
    refuse_unstorable(str(folder), "the path of the warehouse")
    refuse_backslash(str(folder))
    require_whole_catalog(folder)
    refuse_network_folder(folder)
    try:
        require_place_for_warehouse(folder)
        for part in (DATA, STAGING):
            (folder / part).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise warehouse_failure(error, folder) or WarehouseError(
            Code.WRITE_FAILED,
            f"the warehouse folder cannot be made ({error.strerror})",
            where=str(folder),
            remedy="choose another with --warehouse",
        ) from None
    with using_live_catalog(), connect_engine() as connection:
        warehouse = Warehouse(folder, connection)
        with guarded(folder), warehouse.lock():
            # Again: another process may have moved it since.
            require_whole_catalog(folder)
            is_new = not has_catalog(folder)
            if is_new:
                _make_catalog(warehouse)
            else:
                require_true_catalog(folder, last_attempt(warehouse.staging))
            attach(connection, folder)
            _create(warehouse)
            warehouse.seal_what_is_open(is_new=is_new)
        yield warehouse
        with guarded(folder):
            warehouse.seal_what_is_left()


def require_warehouse(folder: Path) -> None:
    """Raise WarehouseError if the folder holds no warehouse, or one whose catalog is lost.

    Raises UsageError if it holds a catalog of somebody else.
    """
    require_whole_catalog(folder)
    if not has_catalog(folder):
        raise missing_warehouse(folder)


@contextmanager
def guarded(folder: Path) -> Iterator[None]:
    """Turn what DuckDB and the system raise in the block into a WarehouseError.

    What a signal raises, such as KeyboardInterrupt, stays what it is, inside of DuckDB too.
    """
    try:
        with writing("the warehouse"):
            yield
    except duckdb.Error as error:
        raise engine_error(error, folder) from None
    except (MemoryError, RuntimeError) as error:
        if (raised := interruption(error)) is not None:
            raise raised from None
        raise warehouse_failure(error, folder) or error from None


def interruption(error: BaseException) -> BaseException | None:
    """Return what a signal's handler raised inside DuckDB, which wraps it; None if it is no such error."""
    cause = error.__cause__
    if cause is not None and not isinstance(cause, Exception):
        return cause
    return KeyboardInterrupt() if is_interrupt(error) else None


def raise_fence(connection: duckdb.DuckDBPyConnection) -> None:
    """Change a row that every other change changes: of two at once, one fails to commit."""
    connection.execute(statement("warehouse/raise_fence"))


@contextmanager
def after_commit(loss: str) -> Iterator[None]:
    """Turn what fails in the block into a warning that says what was lost: the commit before it stands."""
    try:
        yield
    except (OSError, duckdb.Error, WarehouseError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        _LOGGER.warning("committed, but %s (%s)", loss, reason or type(error).__name__)


def _make_catalog(warehouse: Warehouse) -> None:
    """Make the first catalog, which gets its name when it is whole: nobody sees part of it."""
    for name in new_catalog_names():
        (warehouse.folder / name).unlink(missing_ok=True)
    attach(warehouse.connection, warehouse.folder, NEW_CATALOG)
    _create(warehouse)
    # Closing brings SQLite's log into the file.
    detach(warehouse.connection)
    fsync_file(warehouse.folder / NEW_CATALOG)
    os.replace(warehouse.folder / NEW_CATALOG, warehouse.folder / CATALOG)
    fsync_folder(warehouse.folder)


def _create(warehouse: Warehouse) -> None:
    """Create what is missing or other than this build defines it, in one transaction."""
    connection = warehouse.connection
    is_new = not is_defined(connection)
    if not is_new:
        require_schema(connection, warehouse.folder)
        if are_current(connection):
            return
    with warehouse.transaction():
        define(connection)
        if is_new:
            connection.execute(statement("warehouse/first_fence"), {"schema_version": SCHEMA_VERSION})
            apply_layout(connection)
        else:
            raise_fence(connection)
        set_commit_message(connection, "tables, macros and views defined", {})
    fsync_folder(warehouse.folder)
