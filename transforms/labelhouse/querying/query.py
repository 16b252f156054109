"""Run a user's SQL on a warehouse; the SQL cannot write, and cannot read anything else."""

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from labelhouse.errors import LabelhouseError
from labelhouse.failures import is_interrupt
from labelhouse.lake.snapshot_connection import Connection
from labelhouse.lake.warehouse_failures import warehouse_failure
from labelhouse.results import OpenResult, plain
from labelhouse.sql_gate.engine_message import query_error
from labelhouse.sql_gate.gate import reading_statement
from labelhouse.sql_library.statements import statement
from labelhouse.texts.names import refuse_unstorable
from labelhouse.warehouse.snapshots import open_snapshot

if TYPE_CHECKING:
    import pyarrow as pa

_SHOW_TABLES = re.compile(r"\s*show\s+tables\s*;?\s*", re.IGNORECASE)
"""It lists what people read, and what it is; SHOW ALL TABLES lists the inner tables, too."""


@contextmanager
def query(
    warehouse: str | os.PathLike[str],
    sql: str,
    *,
    as_of: str | None = None,
    values: Mapping[str, object] | None = None,
    memory_bytes: int | None = None,
    timeout_s: float | None = None,
    before: Callable[[Connection], None] = lambda _: None,
) -> Iterator[Connection]:
    """Give a connection that has executed one reading statement, to fetch the result from.

    `values` are bound to the statement's parameters. `before` may read the warehouse first, in the same
    state. DuckDB takes `memory_bytes` (by default half of the system's) and spills the rest. The
    query and its result take at most `timeout_s`. Raises QueryError for SQL that is wrong, that has several
    statements, that would do more than read the warehouse, or that takes too long. Raises WarehouseError
    without a warehouse.
    """
    refuse_unstorable(sql, "the SQL")
    if _SHOW_TABLES.fullmatch(sql):
        sql = statement("querying/public_tables")
    with open_snapshot(
        warehouse, as_of=as_of, memory_bytes=memory_bytes, timeout_s=timeout_s
    ) as connection:
        try:
            before(connection)
            reading = reading_statement(connection, sql)
            yield connection.execute(reading.sql, dict(values or {}))
        except duckdb.Error as error:
            raise failed(error, warehouse) from None


def failed(error: duckdb.Error, folder: str | os.PathLike[str] | None = None) -> LabelhouseError:
    """Return the error for DuckDB's message about a query; raises KeyboardInterrupt for a stop.

    The error is a QueryError. With the warehouse's folder it is a WarehouseError where the query is not the
    cause.
    """
    if is_interrupt(error):
        raise KeyboardInterrupt
    if (known_failure := warehouse_failure(error, None if folder is None else Path(folder))) is not None:
        return known_failure
    return query_error(str(error) or type(error).__name__)


class QueryResult(OpenResult):
    """The rows of a query, read on demand from one state of the warehouse.

    It keeps a copy of the catalog. Close it, use it in a `with` block, or drop it to remove the copy.
    """

    def __init__(
        self, opened: AbstractContextManager[Connection], warehouse: str | os.PathLike[str]
    ) -> None:
        stack = ExitStack()
        self._connection = stack.enter_context(opened)
        self._warehouse = warehouse
        super().__init__(stack)

    @property
    def description(self) -> Sequence[Sequence[Any]]:
        """Name and type of each column, as DuckDB gives them."""
        return self._connection.description

    @property
    def columns(self) -> list[str]:
        """The names of the columns."""
        return [column[0] for column in self.description]

    def fetchone(self) -> tuple[Any, ...] | None:
        """Return the next row, or None after the last one; raises QueryError, as the others do."""
        with self._reading():
            return self._connection.fetchone()

    def fetchmany(self, size: int = 1) -> list[tuple[Any, ...]]:
        """Return the next rows, at most `size`."""
        with self._reading():
            return self._connection.fetchmany(size)

    def fetchall(self) -> list[tuple[Any, ...]]:
        """Return the remaining rows."""
        with self._reading():
            return self._connection.fetchall()

    def to_arrow_table(self, batch_size: int = 1_000_000) -> "pa.Table":
        """Return the remaining rows as an Arrow table."""
        with self._reading():
            return self._connection.to_arrow_table(batch_size)

    def to_arrow_reader(self, batch_size: int = 1_000_000) -> "pa.RecordBatchReader":
        """Return the remaining rows, read batch by batch."""
        with self._reading():
            return self._connection.to_arrow_reader(batch_size)

    def as_json(self) -> dict[str, object]:
        """Return the columns and the remaining rows as one object that `json.dumps` takes."""
        return {"columns": self.columns, "rows": plain(self.fetchall())}

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except duckdb.Error as error:
            raise failed(error, self._warehouse) from None
