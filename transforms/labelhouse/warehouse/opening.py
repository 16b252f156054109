"""Open a warehouse folder for changes, and create the warehouse if there is none."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from labelhouse.backups.lost_catalog import require_true_catalog, require_whole_catalog
from labelhouse.errors import WarehouseError
from labelhouse.files.durable_files import fsync_file, fsync_folder
from labelhouse.lake.catalog_copy import using_live_catalog
from labelhouse.lake.definitions import are_current, define
from labelhouse.lake.engine import attach, connect_alone, detach, start_threads
from labelhouse.lake.file_layout import apply_layout
from labelhouse.lake.network_folder import refuse_network_folder
from labelhouse.lake.schema_check import is_defined, missing_warehouse, require_schema
from labelhouse.lake.warehouse_failures import warehouse_failure
from labelhouse.lake.warehouse_folder import (
    NEW_CATALOG,
    has_catalog,
    new_catalog_names,
    require_place_for_warehouse,
)
from labelhouse.processes.machine import available_cores
from labelhouse.reason_codes import ReasonCode
from labelhouse.schema.warehouse_tables import SCHEMA_VERSION
from labelhouse.sql_library.statements import statement
from labelhouse.staging.pending_ingests import last_begun_number
from labelhouse.texts.names import refuse_backslash, refuse_unstorable
from labelhouse.warehouse.change import change
from labelhouse.warehouse.guarding import guarded
from labelhouse.warehouse.warehouse import Warehouse
from labelhouse.warehouse_layout import CATALOG, DATA, STAGING


@contextmanager
def open_warehouse(
    folder: Path, prepare: Callable[[Warehouse], object] | None = None
) -> Iterator[Warehouse]:
    """Open a warehouse for writing, and create it if the folder holds nothing.

    `prepare` is called under the lock, when the warehouse is attached. By default it requires the tables of
    this build, and brings macros and views up to date. Raises UsageError for a folder that holds something
    else, and leaves it as it is.
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
            ReasonCode.WRITE_FAILED,
            f"the warehouse folder cannot be made ({error.strerror})",
            where=str(folder),
            remedy="choose another with --warehouse",
        ) from None
    with using_live_catalog(), connect_alone() as connection:
        warehouse = Warehouse(folder, connection)
        with guarded(folder), warehouse.lock():
            # Checked again, because another process may have moved or removed it since.
            require_whole_catalog(folder)
            for part in (DATA, STAGING):
                (folder / part).mkdir(exist_ok=True)
            is_new = not has_catalog(folder)
            if is_new:
                _make_catalog(warehouse)
            else:
                require_true_catalog(folder, last_begun_number(warehouse.staging))
            attach(connection, folder)
            (prepare or _create)(warehouse)
            warehouse.seal_what_is_open(is_new=is_new)
        # Only now: for many small statements more threads only cost time.
        start_threads(connection, available_cores())
        yield warehouse
        with guarded(folder):
            warehouse.seal_what_is_left()


def require_warehouse(folder: Path) -> None:
    """Raise WarehouseError if the folder holds no warehouse, or one whose catalog is lost.

    Raises UsageError if it holds the catalog of another program.
    """
    require_whole_catalog(folder)
    if not has_catalog(folder):
        raise missing_warehouse(folder)


def _make_catalog(warehouse: Warehouse) -> None:
    """Make the first catalog, which gets its name when it is complete: no process sees part of it."""
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
    """Create what is missing or differs from this build's definition, in one transaction."""
    connection = warehouse.connection
    is_new = not is_defined(connection)
    if not is_new:
        require_schema(connection, warehouse.folder)
        if are_current(connection):
            return
    # The fence is a row of one of these tables.
    with change(warehouse, "tables, macros and views defined", {}, raises_fence=not is_new):
        define(connection)
        if is_new:
            connection.execute(statement("warehouse/first_fence"), {"schema_version": SCHEMA_VERSION})
            apply_layout(connection)
