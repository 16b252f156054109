"""Quote names and values that become part of a SQL statement."""

from labelhouse.texts.names import refuse_unstorable


def quote_identifier(name: str) -> str:
    """Quote a name for SQL; names come from schema/warehouse_tables.py, never from an input."""
    return '"' + name.replace('"', '""') + '"'


def quote_literal(text: str) -> str:
    """Quote a text for the few statements that take no parameters (ATTACH, COMMENT, CALL).

    Raises UsageError for a path that is not UTF-8, which DuckDB cannot take.
    """
    refuse_unstorable(text, "a path")
    return "'" + text.replace("'", "''") + "'"
