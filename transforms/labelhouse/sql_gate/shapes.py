"""List what the tree of a SELECT may hold, as DuckDB 1.5.5 writes it: every node, every field.

A field's kind describes its content, and a star means a list of that kind. Null may replace any of them.
Anything that is missing here is unknown, and a query that holds it is refused.
"""

from collections.abc import Mapping

NodeShape = Mapping[str, str]

_EXPRESSION: NodeShape = {"class": "plain", "type": "plain", "alias": "plain", "query_location": "plain"}
_TABLE: NodeShape = {"type": "plain", "alias": "plain", "sample": "sample", "query_location": "plain"}
_NODE: NodeShape = {"type": "plain", "modifiers": "modifier*", "cte_map": "cte_map"}
_WINDOWS = (
    "AGGREGATE RANK RANK_DENSE NTILE PERCENT_RANK CUME_DIST ROW_NUMBER FIRST_VALUE LAST_VALUE LEAD LAG "
    "NTH_VALUE FILL"
)
_OPERATORS = (
    "ARRAY_CONSTRUCTOR ARRAY_EXTRACT ARRAY_SLICE ARROW COMPARE_IN COMPARE_NOT_IN GROUPING_FUNCTION "
    "OPERATOR_COALESCE OPERATOR_IS_NOT_NULL OPERATOR_IS_NULL OPERATOR_NOT OPERATOR_NULLIF OPERATOR_TRY "
    "OPERATOR_UNPACK STRUCT_EXTRACT"
)
_DATA_FIELDS = (
    "alias bits catalog child_type child_types children collation days extension_info first id is_null "
    "lower micros months name scale schema second size type type_info upper user_type_modifiers value "
    "values values_count width"
)
_COMPARISONS = (
    "EQUAL NOTEQUAL LESSTHAN GREATERTHAN LESSTHANOREQUALTO GREATERTHANOREQUALTO DISTINCT_FROM "
    "NOT_DISTINCT_FROM"
)

#: By class, the types of an expression.
EXPRESSION_TYPES: Mapping[str, frozenset[str]] = {
    "BETWEEN": frozenset({"COMPARE_BETWEEN", "COMPARE_NOT_BETWEEN"}),
    "CASE": frozenset({"CASE_EXPR"}),
    "CAST": frozenset({"OPERATOR_CAST"}),
    "COLLATE": frozenset({"COLLATE"}),
    "COLUMN_REF": frozenset({"COLUMN_REF"}),
    "COMPARISON": frozenset(f"COMPARE_{name}" for name in _COMPARISONS.split()),
    "CONJUNCTION": frozenset({"CONJUNCTION_AND", "CONJUNCTION_OR"}),
    "CONSTANT": frozenset({"VALUE_CONSTANT"}),
    "DEFAULT": frozenset({"VALUE_DEFAULT"}),
    "FUNCTION": frozenset({"FUNCTION"}),
    "LAMBDA": frozenset({"LAMBDA"}),
    "OPERATOR": frozenset(_OPERATORS.split()),
    "PARAMETER": frozenset({"VALUE_PARAMETER"}),
    "POSITIONAL_REFERENCE": frozenset({"POSITIONAL_REFERENCE"}),
    "STAR": frozenset({"STAR"}),
    "SUBQUERY": frozenset({"SUBQUERY"}),
    "WINDOW": frozenset(f"WINDOW_{name}" for name in _WINDOWS.split()),
}

_FUNCTION: NodeShape = {
    **_EXPRESSION,
    "function_name": "plain",
    "schema": "plain",
    "catalog": "plain",
    "children": "expression*",
    "filter": "expression",
    "order_bys": "modifier",
    "distinct": "plain",
    "is_operator": "plain",
    "export_state": "plain",
}

#: By class, the fields of an expression.
EXPRESSIONS: Mapping[str, NodeShape] = {
    "BETWEEN": {**_EXPRESSION, "input": "expression", "lower": "expression", "upper": "expression"},
    "CASE": {**_EXPRESSION, "case_checks": "case_check*", "else_expr": "expression"},
    "CAST": {**_EXPRESSION, "child": "expression", "cast_type": "data", "try_cast": "plain"},
    "COLLATE": {**_EXPRESSION, "child": "expression", "collation": "plain"},
    "COLUMN_REF": {**_EXPRESSION, "column_names": "plain"},
    "COMPARISON": {**_EXPRESSION, "left": "expression", "right": "expression"},
    "CONJUNCTION": {**_EXPRESSION, "children": "expression*"},
    "CONSTANT": {**_EXPRESSION, "value": "data"},
    "DEFAULT": _EXPRESSION,
    "FUNCTION": _FUNCTION,
    "LAMBDA": {**_EXPRESSION, "lhs": "expression", "expr": "expression"},
    "OPERATOR": {**_EXPRESSION, "children": "expression*"},
    "PARAMETER": {**_EXPRESSION, "identifier": "plain"},
    "POSITIONAL_REFERENCE": {**_EXPRESSION, "index": "plain"},
    "STAR": {
        **_EXPRESSION,
        "relation_name": "plain",
        "exclude_list": "plain",
        "qualified_exclude_list": "column*",
        "replace_list": "replacement*",
        "rename_list": "renaming*",
        "columns": "plain",
        "expr": "expression",
    },
    "SUBQUERY": {
        **_EXPRESSION,
        "subquery_type": "plain",
        "subquery": "select",
        "child": "expression",
        "comparison_type": "plain",
    },
    "WINDOW": {
        **_EXPRESSION,
        "function_name": "plain",
        "schema": "plain",
        "catalog": "plain",
        "children": "expression*",
        "partitions": "expression*",
        "orders": "order*",
        "start": "plain",
        "end": "plain",
        "start_expr": "expression",
        "end_expr": "expression",
        "offset_expr": "expression",
        "default_expr": "expression",
        "filter_expr": "expression",
        "arg_orders": "order*",
        "ignore_nulls": "plain",
        "exclude_clause": "plain",
        "distinct": "plain",
    },
}

#: By type, the fields of what comes after FROM.
TABLES: Mapping[str, NodeShape] = {
    "BASE_TABLE": {
        **_TABLE,
        "catalog_name": "plain",
        "schema_name": "plain",
        "table_name": "plain",
        "column_name_alias": "plain",
        "at_clause": "at",
    },
    "EMPTY": _TABLE,
    "EXPRESSION_LIST": {
        **_TABLE,
        "expected_names": "plain",
        "expected_types": "data",
        "values": "expression**",
    },
    "JOIN": {
        **_TABLE,
        "left": "table",
        "right": "table",
        "condition": "expression",
        "join_type": "plain",
        "ref_type": "plain",
        "using_columns": "plain",
        "delim_flipped": "plain",
        "duplicate_eliminated_columns": "expression*",
    },
    "PIVOT": {
        **_TABLE,
        "source": "table",
        "aggregates": "expression*",
        "unpivot_names": "plain",
        "pivots": "pivot*",
        "groups": "plain",
        "column_name_alias": "plain",
        "include_nulls": "plain",
    },
    "SHOW_REF": {
        **_TABLE,
        "table_name": "plain",
        "query": "node",
        "show_type": "plain",
        "catalog_name": "plain",
        "schema_name": "plain",
    },
    "SUBQUERY": {**_TABLE, "subquery": "select", "column_name_alias": "plain"},
    "TABLE_FUNCTION": {
        **_TABLE,
        "function": "table_function",
        "column_name_alias": "plain",
        "with_ordinality": "plain",
    },
}

#: By type, the fields of a query.
NODES: Mapping[str, NodeShape] = {
    "SELECT_NODE": {
        **_NODE,
        "select_list": "expression*",
        "from_table": "table",
        "where_clause": "expression",
        "group_expressions": "expression*",
        "group_sets": "plain",
        "aggregate_handling": "plain",
        "having": "expression",
        "sample": "sample",
        "qualify": "expression",
    },
    "SET_OPERATION_NODE": {
        **_NODE,
        "setop_type": "plain",
        "setop_all": "plain",
        "left": "node",
        "right": "node",
        "children": "node*",
    },
    "RECURSIVE_CTE_NODE": {
        **_NODE,
        "cte_name": "plain",
        "union_all": "plain",
        "left": "node",
        "right": "node",
        "aliases": "plain",
        "key_targets": "expression*",
    },
}

#: By type, the fields of what follows a query: its order, its limit.
MODIFIERS: Mapping[str, NodeShape] = {
    "DISTINCT_MODIFIER": {"type": "plain", "distinct_on_targets": "expression*"},
    "LIMIT_MODIFIER": {"type": "plain", "limit": "expression", "offset": "expression"},
    "LIMIT_PERCENT_MODIFIER": {"type": "plain", "limit": "expression", "offset": "expression"},
    "ORDER_MODIFIER": {"type": "plain", "orders": "order*"},
}

#: By kind, the fields of nodes that have only one shape.
STRUCTS: Mapping[str, NodeShape] = {
    "select": {"node": "node", "named_param_map": "parameter*"},
    "parameter": {"key": "plain", "value": "plain"},
    "case_check": {"when_expr": "expression", "then_expr": "expression"},
    "column": {"catalog": "plain", "schema": "plain", "table": "plain", "column": "plain"},
    "replacement": {"key": "plain", "value": "expression"},
    "renaming": {"key": "column", "value": "plain"},
    "order": {"type": "plain", "null_order": "plain", "expression": "expression"},
    "at": {"unit": "plain", "expr": "expression"},
    "sample": {"sample_size": "data", "is_percentage": "plain", "method": "plain", "seed": "plain"},
    "pivot": {
        "pivot_expressions": "expression*",
        "unpivot_names": "plain",
        "entries": "pivot_entry*",
        "pivot_enum": "plain",
    },
    "pivot_entry": {"values": "data", "star_expr": "expression", "alias": "plain"},
    "cte_map": {"map": "cte_entry*"},
    "cte_entry": {"key": "plain", "value": "cte"},
    "cte": {
        "aliases": "plain",
        "query": "select",
        "materialized": "plain",
        "key_targets": "expression*",
    },
    "table_function": _FUNCTION,
}

#: The fields of values and types, which hold no expressions.
DATA_FIELDS = frozenset(_DATA_FIELDS.split())

#: What SHOW and DESCRIBE may name without a query of their own.
SHOWN = frozenset({"", '"databases"', '"schemas"', '"tables"', '"variables"', "__show_tables_expanded"})
SHOW_TYPES = frozenset({"DESCRIBE", "SHOW_FROM", "SHOW_UNQUALIFIED", "SUMMARY"})
