"""Answer named questions: the SELECTs of sql/queries/ and of a user's own folder."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from labelhouse.errors import UsageError
from labelhouse.lake.snapshot_connection import Connection
from labelhouse.printable import printable
from labelhouse.querying.freshness import are_marts_fresh
from labelhouse.querying.projects import require_project
from labelhouse.querying.query import query
from labelhouse.reason_codes import ReasonCode
from labelhouse.sql_library.headers import internal_header
from labelhouse.sql_library.named_sql import SqlFile, kept_to_columns, named, sql_files
from labelhouse.sql_library.parameters import Value
from labelhouse.sql_library.statements import statement


class _Need(NamedTuple):
    """The statement that shows whether it exists; what to say where it does not, and what to do."""

    statement: str
    what: str
    remedy: str


#: What a question may need besides a load (`needs:` of its header).
_NEEDS: Mapping[str, _Need] = {
    "label rows": _Need(
        "querying/has_label_rows",
        "is about label rows, and {where} has none: COCO tells no people, times or stages",
        "load Encord's label rows, see docs/label-rows.md",
    ),
    "labelhouse refresh": _Need(
        "querying/is_refreshed", "needs what 'labelhouse refresh' makes", "run 'labelhouse refresh' first"
    ),
    "labelhouse check": _Need(
        "querying/is_checked", "needs what 'labelhouse check' makes", "run 'labelhouse check' first"
    ),
}


def question(name: str, sql: Path | None = None) -> SqlFile:
    """Return the question of a name, including those in `sql`/queries; raises UsageError if none has it."""
    return named(sql_files("queries", sql), name, "question")


@contextmanager
def ask(
    warehouse: str | os.PathLike[str],
    asked: SqlFile,
    values: Mapping[str, Value],
    *,
    as_of: str | None = None,
    memory_bytes: int | None = None,
    timeout_s: float | None = None,
    note: Callable[[str], None] = lambda _: None,
) -> Iterator[Connection]:
    """Give a connection that has executed the question, to fetch the answer from.

    It is as confined as the one of `query`, with `values` bound (see parameters.bound). `note` receives one
    line if the answer lacks what was loaded since the last refresh. Raises UsageError if the project or the
    data that the question needs is missing, or if the columns are not those that its header names. Raises
    QueryError for SQL that is refused or fails.
    """

    def look_first(connection: Connection) -> None:
        require_project(connection, values.get("project"), warehouse)
        _require_needs(connection, asked, values, note)

    with query(
        warehouse,
        asked.text,
        as_of=as_of,
        values=values,
        memory_bytes=memory_bytes,
        timeout_s=timeout_s,
        before=look_first,
    ) as result:
        kept_to_columns(asked, [column[0] for column in result.description or []])
        yield result


def _require_needs(
    connection: Connection,
    asked: SqlFile,
    values: Mapping[str, Value],
    note: Callable[[str], None],
) -> None:
    project = values.get("project")
    for needed, need in _NEEDS.items():
        if needed not in asked.header.needs:
            continue
        parameters = {name: values.get(name) for name, _ in internal_header(need.statement).parameters}
        if not _holds(connection, need.statement, parameters):
            where = "the warehouse" if project is None else f"the project {printable(str(project))}"
            raise UsageError(
                ReasonCode.USAGE, f"{asked.name} {need.what.format(where=where)}", remedy=need.remedy
            )
        if need.statement == "querying/is_refreshed" and not are_marts_fresh(connection):
            note("the answer lacks what was loaded since the last 'labelhouse refresh'")


def _holds(connection: Connection, name: str, values: Mapping[str, Value]) -> bool:
    [holds] = connection.execute(statement(name), dict(values)).fetchone() or (False,)
    return bool(holds)
