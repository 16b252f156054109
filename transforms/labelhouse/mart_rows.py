"""Compute the rows of marts into temporary tables, a chunk of documents at a time.

Each chunk's images, labels, keypoints and answers are read once, joined and counted as far as all marts
need them, and then every statement of sql/marts/ reads those. What is held is one chunk, which DuckDB
spills past its memory limit, and the new rows of all marts.
"""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import duckdb

from labelhouse.marts_schema import DOCUMENT_MARTS
from labelhouse.statements import quote_identifier, statement
from labelhouse.table import Table

Given = dict[str, object]
CHUNK_TABLES = ("chunk_images", "chunk_labels", "chunk_keypoints", "chunk_answers")
_PARAMETER = re.compile(r"\$([a-z_]+)")


@dataclass(frozen=True, slots=True)
class MartRows:
    """New rows that wait in temporary tables, `seconds` by mart and `reading` for what all of them need."""

    connection: duckdb.DuckDBPyConnection
    rebuild: bool
    chunk_records: int
    seconds: dict[str, float] = field(default_factory=dict)

    def add_documents(self, snapshot: int) -> None:
        """Compute the rows of the documents of a snapshot that the marts lack."""
        connection = self.connection
        with self._timed("reading"):
            sizes = {"snapshot": snapshot, "chunk_records": self.chunk_records}
            connection.execute(statement("refresh/new_documents"), sizes)
            chunks = connection.execute(statement("refresh/chunks")).fetchall()
            if not chunks:
                return
            connection.execute(statement("refresh/chunk_categories"), {"snapshot": snapshot})
        for chunk, first_key, last_key in chunks:
            given: Given = {
                "snapshot": snapshot,
                "first_key": first_key,
                "last_key": last_key,
                "chunk": chunk,
            }
            with self._timed("reading"):
                for name in CHUNK_TABLES:
                    execute(connection, f"refresh/{name}", given)
            for mart in DOCUMENT_MARTS:
                self.add(mart, {"chunk": chunk})
        connection.execute(statement("refresh/add_known"))

    def add(self, mart: Table, given: Given) -> None:
        """Add the rows that the statement of a mart finds."""
        with self._timed(mart.name):
            select = statement(f"marts/{mart.name.removeprefix('mart_')}").rstrip().removesuffix(";")
            sql = statement("refresh/add_rows").replace("{table}", mart.name).replace("{select}", select)
            self.connection.execute(sql, _used(sql, given))

    @contextmanager
    def _timed(self, what: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.seconds[what] = self.seconds.get(what, 0.0) + time.perf_counter() - start


def execute(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    given: Given | None = None,
    table: Table | None = None,
) -> duckdb.DuckDBPyConnection:
    """Run a statement for a table with those of the given parameters that it has."""
    sql = statement(name)
    if table is not None:
        sql = sql.replace("new_{table}", quote_identifier(f"new_{table.name}"))
        sql = sql.replace("{table}", quote_identifier(table.name))
    return connection.execute(sql, _used(sql, given or {}))


def _used(sql: str, given: Given) -> Given:
    """Return the parameters that a statement has: DuckDB refuses others."""
    names = set(_PARAMETER.findall(sql))
    return {name: value for name, value in given.items() if name in names}
