"""Decide whether SQL only reads the warehouse: every caller that runs SQL of others uses this one gate.

DuckDB's parser gives the tree of a SELECT. Every part of it has to be known (shapes.py), and every function
allowed (sql/internal/sql_gate/allowed_functions.txt). The gate refuses what it does not know. The parser
gives no tree of EXPLAIN and PIVOT; the gate takes them apart until it does.
"""

from dataclasses import dataclass
from typing import Any

import duckdb

from labelhouse.errors import QueryError
from labelhouse.lake.snapshot_connection import Connection
from labelhouse.sql_gate.explain import explained
from labelhouse.sql_gate.parser import select_tree
from labelhouse.sql_gate.pivot import listed_pivot
from labelhouse.sql_gate.tokens import Token, statement_count, tokens
from labelhouse.sql_gate.tree import cut, refused, require_reading

_WRITES = frozenset({"delete", "insert", "merge", "update"})


@dataclass(frozen=True, slots=True)
class ReadingStatement:
    """SQL that only reads."""

    sql: str
    """The text to execute, without any change."""
    is_explain: bool
    """The rows are (key, plan text); write_table prints the plan as DuckDB does."""


def reading_statement(connection: Connection, sql: str) -> ReadingStatement:
    """Return the one statement of `sql`, to be executed as it is returned.

    The gate executes nothing and opens no file. Raises QueryError unless `sql` is one statement that only
    reads the warehouse, or if its syntax is wrong.
    """
    if "\0" in sql or any("\ud800" <= character <= "\udfff" for character in sql):
        raise refused("a text with characters that SQL cannot hold", "take out NUL and lone surrogates")
    tree = select_tree(connection, sql)
    if tree is not None:
        _require_one(tree)
        return ReadingStatement(sql, is_explain=False)
    sql_tokens = list(tokens(sql))
    if (count := statement_count(sql_tokens)) != 1:
        raise _several(count)
    if parts := explained(sql):
        return _explain(connection, *parts)
    return _pivot(connection, sql, sql_tokens)


def _require_one(tree: dict[str, Any]) -> None:
    statements = tree.get("statements")
    if not isinstance(statements, list) or len(statements) != 1:
        raise _several(len(statements or []))
    require_reading(statements[0])


def _explain(connection: Connection, prefix: str, sql: str) -> ReadingStatement:
    """Put our own words for EXPLAIN before a SELECT that is allowed by itself."""
    tree = select_tree(connection, sql)
    if tree is None:
        sql_tokens = list(tokens(sql))
        if listed_pivot(sql).markers:
            raise refused("EXPLAIN of a PIVOT without a list of values", "write: pivot ... on ... in (...)")
        raise _no_select(sql_tokens)
    _require_one(tree)
    whole = prefix + sql
    kinds = [extracted.type for extracted in connection.extract_statements(whole)]
    if kinds != [duckdb.StatementType.EXPLAIN]:
        raise refused("an EXPLAIN that cannot be taken apart", "explain one SELECT")
    return ReadingStatement(whole, is_explain=True)


def _pivot(connection: Connection, sql: str, sql_tokens: list[Token]) -> ReadingStatement:
    """Allow the two statements that DuckDB makes of a PIVOT, if all of its parts only read.

    The parser sees the parts in the same text with lists of values added. A marker in each list shows that
    the parser treats it as a list of values.
    """
    pivot = listed_pivot(sql)
    tree = select_tree(connection, pivot.sql) if pivot.markers else None
    if tree is None:
        raise _no_select(sql_tokens)
    _require_one(tree)
    if sorted(_listed(tree)) != sorted(pivot.markers):
        raise refused("a PIVOT that cannot be taken apart", "write: pivot ... on ... in (...)")
    for query in pivot.queries:
        inner = select_tree(connection, query)
        if inner is None:
            raise _no_select(list(tokens(query)))
        _require_one(inner)
    kinds = [extracted.type for extracted in connection.extract_statements(pivot.own)]
    if kinds != [duckdb.StatementType.CREATE] * len(pivot.markers) + [duckdb.StatementType.SELECT]:
        raise refused("a PIVOT that cannot be taken apart", "write: pivot ... on ... in (...)")
    return ReadingStatement(pivot.own, is_explain=False)


def _listed(tree: Any) -> list[str]:
    """Return the values of those PIVOT lists in a tree that hold one text."""
    listed, todo = [], [tree]
    while todo:
        node = todo.pop()
        if isinstance(node, list):
            todo.extend(node)
        elif isinstance(node, dict):
            todo.extend(node.values())
            for entries in [node["entries"]] if "pivot_expressions" in node else []:
                values = [value["value"] for entry in entries for value in entry["values"]]
                if len(values) == 1 and str(values[0]).startswith("pivot_"):
                    listed += values
    return listed


def _several(count: int) -> QueryError:
    return refused(f"{count} statements", "give exactly one statement")


def _no_select(sql_tokens: list[Token]) -> QueryError:
    """Return the error for a statement that is not a SELECT; the error names it."""
    words = [token.text for token in sql_tokens if token.kind == "word" and token.depth == 0]
    writes = (word for word in words if word in _WRITES)
    word = next(writes, "with") if words[:1] == ["with"] else next(iter(words), "")
    article = "an" if word[:1] in "aeiou" else "a"
    return refused(
        f"{article} {cut(word).upper()} statement" if word else "a statement that does not read",
        "only SELECT, FROM, DESCRIBE, SHOW, SUMMARIZE, PIVOT and EXPLAIN are run",
    )
