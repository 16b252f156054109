"""A DuckDB connection to one state of a warehouse, used from a thread of its own."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self

import duckdb

from labelhouse.processes.confined_thread import ConfinedThread, Returned

if TYPE_CHECKING:
    import pyarrow as pa


class ResultRows(Protocol):
    """The rows of a result, fetched on demand."""

    @property
    def description(self) -> Sequence[Sequence[Any]]:
        """Name and type of each column of the result."""

    def fetchone(self) -> tuple[Any, ...] | None:
        """Return the next row."""

    def fetchmany(self, size: int = 1) -> list[tuple[Any, ...]]:
        """Return the next rows, at most `size`."""

    def fetchall(self) -> list[tuple[Any, ...]]:
        """Return the rows that are left."""

    def to_arrow_table(self, batch_size: int = 1_000_000) -> "pa.Table":
        """Return the rows that are left as a table."""

    def to_arrow_reader(self, batch_size: int = 1_000_000) -> "pa.RecordBatchReader":
        """Return the rows that are left, read batch by batch."""


class Connection(ResultRows, Protocol):
    """The part of a DuckDB connection that readers of a warehouse use."""

    def execute(self, query: str, parameters: object = None) -> "Connection":
        """Run a statement; the result is fetched from what is returned."""

    def extract_statements(self, query: str) -> list[duckdb.Statement]:
        """Parse a text and return its statements."""


class SnapshotConnection:
    """A `Connection` whose statements, and all that they start, run in a confined thread.

    A signal's exception or the time limit stops a statement within a second. `folder` is the warehouse;
    `release` is called at the end.
    """

    def __init__(
        self,
        folder: Path,
        thread: ConfinedThread,
        connection: duckdb.DuckDBPyConnection,
        release: Callable[[], object],
    ) -> None:
        self.folder = folder
        self._thread = thread
        self._connection = connection
        self._release = release

    @property
    def description(self) -> list[tuple[Any, ...]]:
        """Name and type of each column of the result."""
        return self._run(lambda: [tuple(column) for column in self._connection.description or []])

    def execute(self, query: str, parameters: object = None) -> Self:
        """Run a statement; the result is fetched from this connection."""
        self._run(lambda: self._connection.execute(query, parameters))
        return self

    def fetchone(self) -> tuple[Any, ...] | None:
        """Return the next row."""
        return self._run(self._connection.fetchone)

    def fetchmany(self, size: int = 1) -> list[tuple[Any, ...]]:
        """Return the next rows, at most `size`."""
        return self._run(lambda: self._connection.fetchmany(size))

    def fetchall(self) -> list[tuple[Any, ...]]:
        """Return the rows that are left."""
        return self._run(self._connection.fetchall)

    def to_arrow_table(self, batch_size: int = 1_000_000) -> "pa.Table":
        """Return the rows that are left as a table."""
        return self._run(lambda: self._connection.to_arrow_table(batch_size))

    def to_arrow_reader(self, batch_size: int = 1_000_000) -> "pa.RecordBatchReader":
        """Return the rows that are left, read batch by batch on demand."""
        # Imported here because most commands need no Arrow.
        import pyarrow as pa

        reader = self._run(lambda: self._connection.to_arrow_reader(batch_size))

        def batches() -> Iterator[pa.RecordBatch]:
            while (batch := self._run(lambda: next(reader, None))) is not None:
                yield batch

        return pa.RecordBatchReader.from_batches(reader.schema, batches())

    def extract_statements(self, query: str) -> list[duckdb.Statement]:
        """Parse a text and return its statements."""
        return self._run(lambda: self._connection.extract_statements(query))

    def call(self, work: Callable[[duckdb.DuckDBPyConnection], Any]) -> Any:
        """Do other work with DuckDB's own connection, in the thread."""
        return self._run(lambda: work(self._connection))

    def interrupt(self) -> None:
        """Stop the statement that runs; may be called from any thread."""
        self._connection.interrupt()

    def close(self) -> None:
        """Close the connection and remove its temporary files."""
        self._thread.close(self._connection.close)
        self._release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run(self, work: Callable[[], Returned]) -> Returned:
        return self._thread.run(work, self._connection.interrupt)
