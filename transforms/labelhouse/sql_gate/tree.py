"""Walk the tree of a SELECT and refuse everything that is not known to only read the warehouse."""

import re
from collections.abc import Iterator
from typing import Any

from labelhouse.errors import QueryError
from labelhouse.reason_codes import ReasonCode
from labelhouse.sql_gate.functions import allowed_functions, allowed_table_functions, is_refused, nearest
from labelhouse.sql_gate.shapes import (
    DATA_FIELDS,
    EXPRESSION_TYPES,
    EXPRESSIONS,
    MODIFIERS,
    NODES,
    SHOW_TYPES,
    SHOWN,
    STRUCTS,
    TABLES,
    NodeShape,
)
from labelhouse.warehouse_layout import LAKE

_CATALOGS = frozenset({"", LAKE, f"__ducklake_metadata_{LAKE}", "memory", "system", "temp"})
_SCHEMAS = frozenset({"", "information_schema", "main", "pg_catalog"})
# DuckDB's own views that show what others did on the connection.
_REFUSED_VIEWS = frozenset({"duckdb_logs", "pg_prepared_statements"})
_LIKE_A_FILE = re.compile(r"[./\\:*?\[\]]")
_SHOWN_CHARACTERS = 80

Scope = frozenset[str]


def refused(what: str, remedy: str) -> QueryError:
    """Return the error for SQL that would do more than read the warehouse."""
    return QueryError(ReasonCode.QUERY_REFUSED, what, remedy=remedy)


def require_reading(tree: Any) -> None:
    """Raise QueryError unless every part of a SELECT, as json_serialize_sql gives it, only reads.

    The walk follows the names of common table expressions. A table's name may look like that of a file only
    where such an expression of the same name is in scope.
    """
    todo: list[tuple[str, Any, Scope]] = [("select", tree, frozenset())]
    while todo:
        kind, value, scope = todo.pop()
        if value is None:
            continue
        if kind[-1] == "*":
            if not isinstance(value, list):
                raise _unknown(kind)
            todo.extend((kind[:-1], item, scope) for item in value)
        elif kind == "plain":
            _require_plain(value)
        elif kind == "data":
            _require_data(value)
        elif kind == "cte_map":
            todo.extend(_common_tables(value, scope))
        else:
            todo.extend(_parts(kind, value, scope))


def cut(name: str) -> str:
    """Return a name, cut to the length that an error line may show."""
    return name if len(name) <= _SHOWN_CHARACTERS else f"{name[:_SHOWN_CHARACTERS]}..."


def _parts(kind: str, node: Any, scope: Scope) -> Iterator[tuple[str, Any, Scope]]:
    """Check one node by itself; yield kind and value of its fields, with the tables in their scope."""
    shape = _shape(kind, node)
    if not shape.keys() >= node.keys():
        raise _unknown(next(iter(node.keys() - shape.keys())))
    if kind == "expression":
        _require_expression(node)
    elif kind == "table_function":
        _require_table_function(node)
    elif kind == "table":
        _require_table(node, scope)
    inner = scope
    if kind == "node":
        inner = scope | {key for key, _ in _entries(node.get("cte_map"))}
    for field, value in node.items():
        if value is None or (shape[field] == "plain" and isinstance(value, str | int | float)):
            continue
        if field == "cte_map":
            yield "cte_map", value, scope
        elif field == "right" and node.get("type") == "RECURSIVE_CTE_NODE":
            yield shape[field], value, inner | {_text(node["cte_name"]).lower()}
        else:
            yield shape[field], value, inner


def _shape(kind: str, node: Any) -> NodeShape:
    if not isinstance(node, dict):
        raise _unknown(kind)
    if kind in STRUCTS:
        return STRUCTS[kind]
    shapes = {"expression": EXPRESSIONS, "table": TABLES, "node": NODES, "modifier": MODIFIERS}[kind]
    name = _text(node.get("class" if kind == "expression" else "type"))
    if name not in shapes:
        raise _unknown(name)
    return shapes[name]


def _entries(cte_map: Any) -> list[tuple[str, Any]]:
    """Return the names of common table expressions, in lower case, and what they stand for."""
    if cte_map is None:
        return []
    if not isinstance(cte_map, dict) or not cte_map.keys() <= {"map"}:
        raise _unknown("cte_map")
    entries = cte_map.get("map") or []
    if not isinstance(entries, list):
        raise _unknown("cte_map")
    for entry in entries:
        if not isinstance(entry, dict) or entry.keys() != {"key", "value"}:
            raise _unknown("cte_map")
    return [(_text(entry["key"]).lower(), entry["value"]) for entry in entries]


def _common_tables(cte_map: Any, scope: Scope) -> Iterator[tuple[str, Any, Scope]]:
    """Yield each common table expression with the earlier ones in scope, but not itself."""
    for name, value in _entries(cte_map):
        yield "cte", value, scope
        scope |= {name}


def _require_expression(node: dict[str, Any]) -> None:
    if node.get("type") not in EXPRESSION_TYPES[node["class"]]:
        raise _unknown(_text(node.get("type")))
    if node["class"] in ("FUNCTION", "WINDOW"):
        _require_function(_text(node.get("function_name")), allowed_functions())


def _require_table_function(node: dict[str, Any]) -> None:
    if node.get("class") != "FUNCTION" or node.get("type") != "FUNCTION":
        raise _unknown(_text(node.get("class")))
    _require_function(_text(node.get("function_name")), allowed_table_functions())


def _require_function(name: str, allowed: frozenset[str]) -> None:
    lower = name.lower()
    if lower in allowed:
        return
    if is_refused(lower):
        raise refused(
            f"the function {cut(lower)} reaches beyond the warehouse",
            "query the warehouse's tables and views",
        )
    near = nearest(lower)
    raise refused(
        f"queries may not call the function {cut(name)}",
        f"do you mean {near}?" if near else "query the warehouse's tables and views",
    )


def _require_table(node: dict[str, Any], scope: Scope) -> None:
    if node["type"] == "SHOW_REF":
        if node.get("show_type") not in SHOW_TYPES or node.get("table_name", "") not in SHOWN:
            raise _unknown(_text(node.get("table_name")))
        return
    if node["type"] != "BASE_TABLE":
        return
    catalog, schema, table = (
        _text(node.get(field, "")) for field in ("catalog_name", "schema_name", "table_name")
    )
    if not catalog and not schema:
        if table.lower() in scope:
            return
    # A name of two parts is catalog and table, or schema and table.
    elif catalog.lower() not in _CATALOGS or schema.lower() not in (
        _SCHEMAS if catalog else _SCHEMAS | _CATALOGS
    ):
        full = ".".join(part for part in (catalog, schema, table) if part)
        raise refused(
            f"{cut(full)} is not a table of the warehouse",
            "query the warehouse's tables and views; other files are not read",
        )
    if _LIKE_A_FILE.search(table):
        raise refused(
            f"{cut(table)} names a file",
            "query the warehouse's tables and views; other files are not read",
        )
    if table.lower() in _REFUSED_VIEWS:
        raise refused(
            f"the view {table.lower()} reaches beyond the warehouse", "query other tables and views"
        )


def _require_plain(value: Any) -> None:
    """Refuse an object in a field that holds texts, numbers or lists of those."""
    for _ in _objects(value):
        raise _unknown("object")


def _require_data(value: Any) -> None:
    """Refuse a value or type that has a field of another kind of node."""
    for item in _objects(value):
        if not item.keys() <= DATA_FIELDS:
            raise _unknown(next(iter(item.keys() - DATA_FIELDS)))


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    """Yield the objects in a value, however deep: an object before those in its fields."""
    todo = [value]
    while todo:
        item = todo.pop()
        if isinstance(item, list):
            todo.extend(item)
        elif isinstance(item, dict):
            yield item
            todo.extend(item.values())


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise _unknown("name")
    return value


def _unknown(name: str) -> QueryError:
    return refused(f"a part that is not known to only read ({cut(name)})", "write the query another way")
