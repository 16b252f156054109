"""Open one state of a warehouse for reading: that of a private copy of its catalog.

The state is chosen when a reader begins and stays the same to its end. Loads, merges and expiries meanwhile
do not change it. docs/decisions/0012-one-state-per-reader.md lists the alternatives that were tried.
"""

import atexit
import os
import sysconfig
import weakref
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Literal, overload

import duckdb

from labelhouse.errors import WarehouseError
from labelhouse.files.private_folder import PrivateFolder
from labelhouse.lake.as_of import snapshot_to_read
from labelhouse.lake.engine import (
    attach_copy,
    bound_spill,
    detach,
    engine_error,
    forget_order,
    open_to_owner,
    restrict_to,
    start_threads,
)
from labelhouse.lake.memory import bound_memory
from labelhouse.lake.schema_check import require_schema, schema_version
from labelhouse.lake.snapshot_connection import Connection, SnapshotConnection
from labelhouse.places.finding import place_of
from labelhouse.places.place import WarehousePlace
from labelhouse.processes.confined_thread import ConfinedThread
from labelhouse.processes.machine import available_cores, half_of_memory
from labelhouse.reason_codes import ReasonCode
from labelhouse.schema.warehouse_tables import SCHEMA_VERSION
from labelhouse.sql_gate.confined_connection import ConfinedConnection
from labelhouse.sql_library.statements import sql_folder, statement
from labelhouse.warehouse.older_schema import show_as_newest
from labelhouse.warehouse.owner_names import show_to_cursors
from labelhouse.warehouse_layout import CATALOG

SPILL = "spill"
_KEPT_COPIES = 16
"""Copies that are kept after their connection has gone: a relation or a cursor may still read one."""
_kept: deque[PrivateFolder] = deque()


@overload
def connect(
    warehouse: str | os.PathLike[str] = ...,
    *,
    as_of: str | int | None = ...,
    confined: Literal[False] = ...,
    with_pending: bool = ...,
    memory_bytes: int | None = ...,
) -> duckdb.DuckDBPyConnection: ...


@overload
def connect(
    warehouse: str | os.PathLike[str] = ...,
    *,
    as_of: str | int | None = ...,
    confined: Literal[True],
    with_pending: bool = ...,
    memory_bytes: int | None = ...,
    timeout_s: float | None = ...,
) -> ConfinedConnection: ...


def connect(
    warehouse: str | os.PathLike[str] = "warehouse",
    *,
    as_of: str | int | None = None,
    confined: bool = False,
    with_pending: bool = True,
    memory_bytes: int | None = None,
    timeout_s: float | None = None,
) -> duckdb.DuckDBPyConnection | ConfinedConnection:
    """Return a connection to the warehouse's newest state, read-only and current.

    Tables and views resolve by their bare names. The connection shows the state of the moment when it was
    made, to its end; connect again to see later loads. `as_of` chooses an earlier state: a snapshot
    number, a time (UTC unless it says otherwise) or an ingest (see lake/as_of.py). `ingests` also shows the
    ingests that changed nothing and wait for the next commit, unless `with_pending` is false.

    The connection is DuckDB's own and not confined: it reads other files and data frames, and writes files
    and tables of its own in memory. Its cursors, for threads and for other tools, see the same. With
    `confined`, for other people's statements, it is a ConfinedConnection. It judges each statement first,
    and reads the warehouse and nothing else. All statements together take at most `timeout_s`. DuckDB takes
    `memory_bytes` (by default half of the system's) and spills the rest into a private folder.

    Raises WarehouseError if the folder holds no warehouse or the snapshot no longer exists, UsageError if
    the state never existed.
    """
    state = _State(place_of(warehouse), as_of, with_pending, memory_bytes=memory_bytes)
    if confined:
        return ConfinedConnection(state.confined(timeout_s))
    connection = state.opened()
    weakref.finalize(connection, _keep, state.private).atexit = False
    atexit.register(state.private.remove)
    return connection


@contextmanager
def open_snapshot(
    warehouse: str | os.PathLike[str],
    *,
    as_of: str | None = None,
    with_pending: bool = True,
    in_order: bool = True,
    any_schema: bool = False,
    memory_bytes: int | None = None,
    timeout_s: float | None = None,
) -> Iterator[SnapshotConnection]:
    """Give a connection to one state of a warehouse, that is confined to it, for our own statements.

    Code that executes a user's statement on it judges the statement first: see sql_gate/gate.py. Without
    `in_order` a statement without an order returns rows in any order and holds less memory. With
    `any_schema` the caller checks whether the tables are those of this build. The rest is as for `connect`.
    """
    state = _State(place_of(warehouse), as_of, with_pending, in_order, any_schema, memory_bytes)
    with closing(state.confined(timeout_s)) as connection:
        yield connection


def attach_newest(
    connection: duckdb.DuckDBPyConnection, place: WarehousePlace, private: Path, snapshot: int | None = None
) -> None:
    """Attach the newest state, or an earlier one, from a copy of the catalog."""
    catalog = private / CATALOG
    catalog.unlink(missing_ok=True)
    place.copy_catalog(catalog)
    attach_copy(connection, place.address, place.data, catalog, snapshot)
    older = _older_version(connection, place.address, snapshot is not None)
    if older is not None:
        show_as_newest(connection, older)


@contextmanager
def showing_copy(
    connection: duckdb.DuckDBPyConnection, place: WarehousePlace, catalog: Path
) -> Iterator[None]:
    """Let a connection that may change a warehouse read a copy of its catalog instead, for the block.

    Temporary tables stay. If the block raises, the connection is left without a warehouse.
    """
    detach(connection)
    attach_copy(connection, place.address, place.data, catalog)
    yield
    detach(connection)
    place.attach(connection)


class _State:
    """One state of a warehouse, held by a copy of its catalog in a private folder."""

    def __init__(
        self,
        place: WarehousePlace,
        as_of: str | int | None,
        with_pending: bool = True,
        in_order: bool = True,
        any_schema: bool = False,
        memory_bytes: int | None = None,
    ) -> None:
        self._place = place
        self._address = place.address
        self._as_of = None if as_of is None else str(as_of)
        self._in_order = in_order
        self._any_schema = any_schema
        self._memory_bytes = memory_bytes
        with place.held():
            place.require_warehouse()
            # Read before the copy: if a commit takes up an ingest in between, the ledger has it by then.
            self._pending = place.waiting_rows() if with_pending else []
            self.private = PrivateFolder()
            with self._undone_if_it_fails(self.private.remove):
                (self.private.path / SPILL).mkdir()
                place.copy_catalog(self.private.path / CATALOG)

    def opened(self) -> duckdb.DuckDBPyConnection:
        """Return a connection to the state; the private folder stays."""
        with self._undone_if_it_fails(self.private.remove):
            connection = self._place.connect(is_alone=True)
            with self._undone_if_it_fails(connection.close), self._told_of_another_catalog():
                self._attach(connection, is_owners=True)
                start_threads(connection, available_cores())
                open_to_owner(connection)
                return connection

    def confined(self, timeout_s: float | None) -> SnapshotConnection:
        """Return a connection to the state that reads nothing else, and removes the private folder."""
        thread = ConfinedThread(timeout_s)
        with self._undone_if_it_fails(self.private.remove), self._undone_if_it_fails(thread.close):
            # The engine first reads which system it runs on. Then the thread is confined; the engine's
            # threads start after that, inside the confinement.
            connection = thread.run(lambda: self._place.connect(is_alone=True))
            with self._undone_if_it_fails(connection.close):
                thread.confine(
                    reading=_readable(self._place, self.private.path),
                    writing=[self.private.path / SPILL, Path(os.devnull)],
                    ports=self._place.ports(),
                )
                with self._told_of_another_catalog():
                    thread.run(lambda: self._attach_confined(connection), connection.interrupt)
            return SnapshotConnection(self._address, thread, connection, self.private.remove)

    @contextmanager
    def _undone_if_it_fails(self, undo: Callable[[], object]) -> Iterator[None]:
        try:
            yield
        except BaseException:
            undo()
            raise

    @contextmanager
    def _told_of_another_catalog(self) -> Iterator[None]:
        """Raise CATALOG_LOST where the engine fails because the catalog is not that of a warehouse."""
        try:
            yield
        except WarehouseError as error:
            if error.code is ReasonCode.ENGINE_FAILED:
                self._place.require_tables(self.private.path / CATALOG)
            raise

    def _attach_confined(self, connection: duckdb.DuckDBPyConnection) -> None:
        # Attaching is many small statements, for which more threads only cost time.
        self._attach(connection)
        start_threads(connection, available_cores())
        restrict_to(connection, self._place.data)

    def _attach(self, connection: duckdb.DuckDBPyConnection, *, is_owners: bool = False) -> None:
        try:
            spill = self.private.path / SPILL
            bound_memory(connection, self._memory_bytes or half_of_memory(), spill)
            bound_spill(connection, spill)
            if not self._in_order:
                forget_order(connection)
            snapshot = None if self._as_of is None else self._snapshot(connection, self._as_of)
            attach_copy(connection, self._address, self._place.data, self.private.path / CATALOG, snapshot)
            is_earlier = snapshot is not None
            older = None if self._any_schema else _older_version(connection, self._address, is_earlier)
            pending = self._pending if self._as_of is None else []
            if is_owners:
                show_to_cursors(connection, older, pending)
            if older is not None:
                show_as_newest(connection, older)
            show_pending(connection, pending)
        except duckdb.Error as error:
            raise engine_error(error, self._address) from None

    def _snapshot(self, connection: duckdb.DuckDBPyConnection, as_of: str) -> int:
        """Return the snapshot that `as_of` names; leaves the connection as it was."""
        # Objects that a cursor makes for the look-up end with the cursor.
        with closing(connection.cursor()) as cursor:
            attach_copy(cursor, self._address, self._place.data, self.private.path / CATALOG)
            require_schema(cursor, self._address)
            show_pending(cursor, self._pending)
            snapshot = snapshot_to_read(cursor, as_of)
            detach(cursor)
        return snapshot


def _older_version(connection: Connection, folder: Path, is_earlier: bool) -> int | None:
    """Return the schema version of an earlier state that lacks tables of this build.

    Raises WarehouseError for a newest state that is not of this build.
    """
    if not is_earlier:
        require_schema(connection, folder)
        return None
    version = schema_version(connection, folder)
    return None if version == SCHEMA_VERSION else version


def show_pending(connection: Connection, rows: Sequence[dict[str, object]]) -> None:
    """Let `ingests` also show the ingests that changed nothing and wait for the next commit."""
    if rows:
        connection.execute(statement("warehouse/pending_ingests"), {"ledger_rows": rows})
        connection.execute(statement("warehouse/all_ingests"))


def _readable(place: WarehousePlace, private: Path) -> list[Path]:
    """Return what a confined thread reads: data, its private folder, modules and time zones."""
    paths = sysconfig.get_paths()
    python = [Path(paths[name]) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    system = ("/usr/lib", "/usr/lib64", "/lib", "/lib64", "/usr/share/zoneinfo", "/etc/localtime")
    own = [Path(__file__).parents[1], Path(str(sql_folder()))]
    return [*place.readable(), private, *own, *python, *(Path(path) for path in system)]


def _keep(private: PrivateFolder) -> None:
    """Keep a copy whose connection has gone for other readers, until there are many copies."""
    _kept.append(private)
    while len(_kept) > _KEPT_COPIES:
        old = _kept.popleft()
        atexit.unregister(old.remove)
        old.remove()
