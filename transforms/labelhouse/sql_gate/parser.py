"""Parse a SELECT with DuckDB's own parser."""

import io
import json
from typing import Any

from labelhouse.errors import QueryError
from labelhouse.lake.snapshot_connection import Connection
from labelhouse.reason_codes import ReasonCode
from labelhouse.sql_gate.engine_message import syntax_error
from labelhouse.sql_library.statements import statement

_NO_TREE = "Only SELECT statements can be serialized to json!"


def select_tree(connection: Connection, sql: str) -> dict[str, Any] | None:
    """Return the statements of SQL as the parser sees them, or None if one is not a SELECT.

    Raises QueryError if the syntax is wrong.
    """
    [text] = connection.execute(statement("sql_gate/syntax_tree"), {"sql": sql}).fetchone() or ("{}",)
    tree = _decoded(text)
    if tree.get("error") is False:
        return tree
    message = str(tree.get("error_message", ""))
    if message == _NO_TREE:
        return None
    kind = str(tree.get("error_type", "")).capitalize()
    position = str(tree.get("position", ""))
    raise syntax_error(f"{kind} Error: {message}", sql, int(position) if position.isdecimal() else None)


def _decoded(text: str) -> dict[str, Any]:
    try:
        return dict(json.loads(text))
    except RecursionError:
        return _deeply_decoded(text)


def _deeply_decoded(text: str) -> dict[str, Any]:
    """Decode JSON that is nested more deeply than Python's own decoder supports."""
    from ijson import JSONError, ObjectBuilder
    from ijson.backends import python

    builder = ObjectBuilder()
    try:
        # The C decoder does not accept unsigned numbers of 64 bits.
        for event, value in python.basic_parse(io.BytesIO(text.encode())):
            builder.event(event, value)
    except (JSONError, ValueError):
        raise QueryError(
            ReasonCode.QUERY_REFUSED, "SQL that is nested too deeply", remedy="write the query another way"
        ) from None
    return dict(builder.value)
