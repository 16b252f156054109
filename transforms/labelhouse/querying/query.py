"""Run a user's SQL on a warehouse, with no way to write or to read anything else."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import duckdb

from labelhouse.errors import LabelhouseError, QueryError
from labelhouse.failures import is_interrupt
from labelhouse.lake.snapshot_connection import Connection
from labelhouse.lake.warehouse_failures import warehouse_failure
from labelhouse.reason_codes import Code
from labelhouse.sql_gate.gate import reading_statement
from labelhouse.texts.names import refuse_unstorable
from labelhouse.warehouse.snapshots import open_snapshot


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

    `values` are bound to the statement's parameters. `before` may look at the warehouse first, in the same
    state. DuckDB takes `memory_bytes` (by default half of the system's) and spills the rest. The
    query and its result take at most `timeout_s`. Raises QueryError for SQL that is wrong, that is several
    statements, that would do more than read the warehouse, or that takes too long; WarehouseError without a
    warehouse.
    """
    refuse_unstorable(sql, "the SQL")
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
    """Return the error for what DuckDB says of a query; raises KeyboardInterrupt for a stop.

    It is a QueryError, or with the warehouse's folder a WarehouseError where the query is not to blame.
    """
    if is_interrupt(error):
        raise KeyboardInterrupt
    if (found := warehouse_failure(error, None if folder is None else Path(folder))) is not None:
        return found
    # The first line says what is wrong; the rest repeats the statement.
    line = str(error).splitlines()[0] if str(error) else type(error).__name__
    return QueryError(
        Code.QUERY_FAILED, line, remedy="'labelhouse query \"show tables\"' lists what there is"
    )
