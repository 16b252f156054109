"""Decide whether a statement only reads."""

from dataclasses import dataclass

from labelhouse.snapshot_connection import Connection


@dataclass(frozen=True, slots=True)
class ReadingStatement:
    """A statement that only reads."""

    sql: str
    is_explain: bool = False


def reading_statement(connection: Connection, sql: str) -> ReadingStatement:
    """Return the statement; raises QueryError."""
    from labelhouse.query import refuse_other_than_reading

    refuse_other_than_reading(connection, sql)
    return ReadingStatement(sql)
