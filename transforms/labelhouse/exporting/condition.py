"""Check the condition of --where: one expression over the view labels, and nothing else."""

from typing import Any

import duckdb

from labelhouse.errors import QueryError
from labelhouse.lake.snapshot_connection import Connection
from labelhouse.querying.query import failed
from labelhouse.reason_codes import ReasonCode
from labelhouse.sql_gate.gate import reading_statement
from labelhouse.sql_gate.parser import select_tree
from labelhouse.sql_library.statements import statement


def labels_where(connection: Connection, condition: str) -> str:
    """Return a statement that selects the labels for which the condition holds.

    The condition is put between brackets. DuckDB's own parser has to see the same statement as for the
    condition `true`, except for the condition. Raises QueryError for a text that is not such an
    expression, is wrong, or reaches beyond the warehouse.
    """
    sql = statement("exporting/all_labels").replace("{condition}", condition)
    try:
        reading = reading_statement(connection, sql)
        if _frame(connection, reading.sql) != _frame(
            connection, statement("exporting/all_labels").replace("{condition}", "true")
        ):
            raise QueryError(
                ReasonCode.QUERY_REFUSED,
                "--where takes one condition, such as \"category_name = 'Car'\"",
                remedy="give what follows WHERE in a query of the view labels",
            )
        # Binding finds wrong columns before anything has been written.
        connection.execute(f"explain {reading.sql}")
    except duckdb.Error as error:
        raise failed(error) from None
    return reading.sql


def _frame(connection: Connection, sql: str) -> Any:
    """Return the parser's tree of a statement, without its condition and places in the text.

    Returns None for a PIVOT that finds its values in the data.
    """
    tree = select_tree(connection, sql)
    if tree is None:
        return None
    tree["statements"][0]["node"]["where_clause"] = None
    return _without_places(tree)


def _without_places(node: Any) -> Any:
    if isinstance(node, dict):
        return {k: _without_places(v) for k, v in node.items() if k != "query_location"}
    if isinstance(node, list):
        return [_without_places(item) for item in node]
    return node
