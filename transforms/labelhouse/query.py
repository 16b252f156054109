"""Run a user's SQL on a warehouse, with no way to write or to read anything else."""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import duckdb

from labelhouse.codes import Code
from labelhouse.errors import QueryError
from labelhouse.snapshot_connection import Connection
from labelhouse.snapshots import open_snapshot
from labelhouse.statements import statement

_READING = {duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN}
# Functions that reach beyond the warehouse although external access is off, or that hide a call of one.
_OUTSIDE = ("sqlite_", "postgres_", "mysql_", "query", "ducklake_add", "ducklake_cleanup")


@contextmanager
def query(
    warehouse: str | os.PathLike[str],
    sql: str,
    *,
    as_of: str | None = None,
    values: Mapping[str, object] | None = None,
    memory_limit: str | None = None,
    timeout_s: float | None = None,
    before: Callable[[Connection], None] = lambda _: None,
) -> Iterator[Connection]:
    """Give a connection that has executed one reading statement, to fetch the result from.

    `values` are bound to the statement's parameters. `before` may look at the warehouse first, in the same
    state. DuckDB takes `memory_limit` of memory (by default half of the system's) and spills the rest. The
    query and its result take at most `timeout_s`. Raises QueryError for SQL that is wrong, that is several
    statements, that would do more than read the warehouse, or that takes too long; WarehouseError without a
    warehouse.
    """
    with open_snapshot(
        warehouse, as_of=as_of, memory_limit=memory_limit, timeout_s=timeout_s
    ) as connection:
        try:
            before(connection)
            refuse_other_than_reading(connection, sql)
            yield connection.execute(sql, dict(values or {}))
        except duckdb.Error as error:
            raise failed(error) from None


def refuse_other_than_reading(connection: Connection, sql: str) -> None:
    """Raise QueryError unless `sql` is one statement that only reads the warehouse."""
    statements = connection.extract_statements(sql)
    if len(statements) != 1:
        raise QueryError(
            Code.QUERY_REFUSED, f"{len(statements)} statements", remedy="give exactly one statement"
        )
    if statements[0].type not in _READING:
        raise QueryError(
            Code.QUERY_REFUSED,
            f"a {statements[0].type.name} statement",
            remedy="only SELECT, FROM, DESCRIBE, SHOW and EXPLAIN are run",
        )
    for name in _called_functions(connection, statements[0].query):
        if name.startswith(_OUTSIDE):
            raise QueryError(
                Code.QUERY_REFUSED,
                f"the function {name} reaches beyond the warehouse",
                remedy="query the warehouse's tables and views",
            )


def _called_functions(connection: Connection, sql: str) -> Iterator[str]:
    """Yield the names of all functions in a SELECT, as DuckDB's own parser sees them."""
    # EXPLAIN has no serialised form: what it explains is checked instead.
    text = sql.strip()
    if text[:7].lower() == "explain":
        text = text[7:].strip()
        text = text[7:] if text[:7].lower() == "analyze" else text
    [tree] = connection.execute(statement("query/syntax_tree"), {"sql": text}).fetchone() or ("{}",)
    todo = [json.loads(tree)]
    while todo:
        node = todo.pop()
        if isinstance(node, dict):
            if isinstance(name := node.get("function_name"), str):
                yield name.lower()
            todo.extend(node.values())
        elif isinstance(node, list):
            todo.extend(node)


def failed(error: duckdb.Error) -> QueryError:
    """Return the QueryError for what DuckDB says of a query."""
    # The first line says what is wrong; the rest repeats the statement.
    line = str(error).splitlines()[0] if str(error) else type(error).__name__
    return QueryError(
        Code.QUERY_FAILED, line, remedy="'labelhouse query \"show tables\"' lists what there is"
    )
