"""Open a warehouse for changes, and create the warehouse if there is none."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from labelhouse.lake.catalog_copy import using_live_catalog
from labelhouse.lake.definitions import are_current, define
from labelhouse.lake.engine import start_threads
from labelhouse.lake.file_layout import apply_layout
from labelhouse.lake.schema_check import is_defined, require_schema
from labelhouse.places.finding import place_of
from labelhouse.processes.machine import available_cores
from labelhouse.schema.warehouse_tables import SCHEMA_VERSION
from labelhouse.sql_library.statements import statement
from labelhouse.texts.names import refuse_backslash, refuse_unstorable
from labelhouse.warehouse.change import change
from labelhouse.warehouse.guarding import guarded
from labelhouse.warehouse.warehouse import Warehouse


@contextmanager
def open_warehouse(
    address: Path, prepare: Callable[[Warehouse], object] | None = None
) -> Iterator[Warehouse]:
    """Open a warehouse for writing, and create it if there is none: in a folder that holds nothing.

    `prepare` is called under the lock, when the warehouse is attached. By default it requires the tables of
    this build, and brings macros and views up to date. Raises UsageError for a folder that holds something
    else, and leaves it as it is.
    """
    address = address.absolute()
    refuse_unstorable(str(address), "the path of the warehouse")
    refuse_backslash(str(address))
    place = place_of(address)
    place.make_ready()
    with (
        using_live_catalog(),
        place.held(),
        place.connect(for_changes=True, is_alone=True) as connection,
        closing(Warehouse(place, connection)) as warehouse,
    ):
        with guarded(address), warehouse.lock():
            is_new = place.open(connection, lambda: _create(warehouse))
            (prepare or _create)(warehouse)
            warehouse.seal_what_is_open(is_new=is_new)
        # Only now: for many small statements more threads only cost time.
        start_threads(connection, available_cores())
        yield warehouse
        with guarded(address):
            warehouse.seal_what_is_left()


def require_warehouse(address: Path) -> None:
    """Raise WarehouseError if there is no warehouse, or one whose catalog is lost.

    Raises UsageError if a folder holds the catalog of another program.
    """
    place_of(address).require_warehouse()


def _create(warehouse: Warehouse) -> None:
    """Create what is missing or differs from this build's definition, in one transaction."""
    connection = warehouse.connection
    is_new = not is_defined(connection)
    if not is_new:
        require_schema(connection, warehouse.address)
        if are_current(connection):
            return
    # The fence is a row of one of these tables.
    with change(warehouse, "tables, macros and views defined", {}, raises_fence=not is_new):
        define(connection)
        if is_new:
            connection.execute(statement("warehouse/first_fence"), {"schema_version": SCHEMA_VERSION})
            apply_layout(connection)
