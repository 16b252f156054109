"""The connection for other people's statements: each is judged before it runs, in a confined thread."""

from typing import TYPE_CHECKING, Any, Self

from labelhouse.lake.snapshot_connection import SnapshotConnection
from labelhouse.sql_gate.gate import reading_statement

if TYPE_CHECKING:
    import polars
    import pyarrow as pa


class ConfinedConnection:
    """A connection that reads one state of a warehouse, and nothing else.

    It has one result at a time: that of the last statement. Any thread may use it, one at a time. A
    signal's exception stops a statement within a second. QueryError reports a refused statement, or one
    that takes too long; duckdb.Error reports what is wrong with a statement.
    """

    def __init__(self, connection: SnapshotConnection) -> None:
        self._connection = connection

    def execute(self, query: str, parameters: object = None) -> Self:
        """Run one reading statement with values for its parameters; return this connection."""
        judged = reading_statement(self._connection, query)
        self._connection.execute(judged.sql, parameters)
        return self

    sql = query = execute

    @property
    def description(self) -> list[tuple[Any, ...]]:
        """Name and type of each column of the result."""
        return self._connection.description

    def fetchone(self) -> tuple[Any, ...] | None:
        """Return the next row."""
        return self._connection.fetchone()

    def fetchmany(self, size: int = 1) -> list[tuple[Any, ...]]:
        """Return the next rows, at most `size`."""
        return self._connection.fetchmany(size)

    def fetchall(self) -> list[tuple[Any, ...]]:
        """Return the remaining rows."""
        return self._connection.fetchall()

    def to_arrow_table(self) -> "pa.Table":
        """Return the remaining rows as an Arrow table."""
        return self._connection.to_arrow_table()

    def to_arrow_reader(self, batch_size: int = 1_000_000) -> "pa.RecordBatchReader":
        """Return the remaining rows, read batch by batch on demand."""
        return self._connection.to_arrow_reader(batch_size)

    arrow = to_arrow_reader

    def df(self) -> Any:
        """Return the remaining rows as a pandas DataFrame."""
        return self._connection.call(lambda connection: connection.df())

    def pl(self) -> "polars.DataFrame":
        """Return the remaining rows as a Polars DataFrame."""
        frame: polars.DataFrame = self._connection.call(lambda connection: connection.pl())
        return frame

    def interrupt(self) -> None:
        """Stop the statement that runs; may be called from any thread."""
        self._connection.interrupt()

    def close(self) -> None:
        """Close the connection and remove its temporary files."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
