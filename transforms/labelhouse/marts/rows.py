"""Compute the rows of marts into staged files, a chunk of documents at a time.

Each chunk's images, labels, keypoints and answers are read once, then joined and counted as far as all
marts need them. Then every statement of sql/marts/ reads the result. The memory holds one chunk, which
DuckDB spills past its memory limit, and the open row groups of the staged files.
"""

import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from labelhouse.lake.engine import view_files
from labelhouse.manifest import StagedFile
from labelhouse.schema.mart_tables import (
    DOCUMENT_MARTS,
    MART_CLASS_BALANCE,
    MART_CLASS_HISTORY,
    MART_LABEL_CHURN,
)
from labelhouse.schema.table import Table
from labelhouse.sql_library.statements import public_statement, statement, statement_on
from labelhouse.sql_quoting import quote_identifier
from labelhouse.staging.staging_area import Stage, staging

Given = dict[str, object]
Commit = tuple[int, str, int, int]
"""Snapshot and project of a commit, and the first and last number of its ingests."""
BATCH_ROWS = 32_768
_LABEL_TABLES = ("chunk_images", "chunk_labels")
_CHUNK_TABLES = (*_LABEL_TABLES, "chunk_keypoints", "chunk_answers")
_PARAMETER = re.compile(r"\$([a-z_]+)")


@dataclass(frozen=True, slots=True)
class MartRows:
    """Computes rows into files of a folder; `seconds` by mart, `reading` for what all marts need."""

    connection: duckdb.DuckDBPyConnection
    folder: Path
    chunk_records: int
    seconds: dict[str, float] = field(default_factory=dict)

    def compute(
        self, snapshot: int, commits: Sequence[Commit], *, is_whole: bool
    ) -> tuple[int, list[StagedFile]]:
        """Stage the rows that bring the marts to a snapshot, with those of the commits that they lack.

        Returns how many document versions are new in the snapshot, and the files. The temporary table
        known_documents lists what the marts have, new_ingests what they lack; with `is_whole` the marts
        have nothing. The files' names begin with that of the folder.
        """
        with staging(self.folder, self.folder.name) as stage:
            added = self._add_documents(stage, snapshot, DOCUMENT_MARTS, _CHUNK_TABLES)
            files = stage.finish()
            if commits:
                self._view_class_counts(files, commits)
                for of_commit, project, _, number in commits:
                    given: Given = {
                        "snapshot": snapshot,
                        "of_commit": of_commit,
                        "project": project,
                        "ingest_number": number,
                        "is_whole": is_whole,
                    }
                    self._add(stage, MART_CLASS_HISTORY, given)
            first_number = min((first for _, _, first, _ in commits), default=0)
            given = {"snapshot": snapshot, "all_changes": is_whole, "first_number": first_number}
            self._add(stage, MART_LABEL_CHURN, given)
            return added, stage.finish()

    def _view_class_counts(self, files: Sequence[StagedFile], commits: Sequence[Commit]) -> None:
        """Make class_counts of the classes of new documents, including documents that are gone again."""
        with staging(self.folder, "past") as past:
            for of_commit, *_ in commits:
                self._add_documents(past, of_commit, (MART_CLASS_BALANCE,), _LABEL_TABLES)
            found = [file for file in (*files, *past.finish()) if file.table == MART_CLASS_BALANCE.name]
        if found:
            view_files(self.connection, "class_counts", [Path(file.path) for file in found])
        else:
            execute(self.connection, "marts/no_class_counts")

    def _add_documents(
        self, stage: Stage, snapshot: int, marts: Sequence[Table], chunk_tables: Sequence[str]
    ) -> int:
        """Stage the rows of a snapshot's documents that are not known, and add these to the known ones."""
        with self.timed("reading"):
            sizes: Given = {"snapshot": snapshot, "chunk_records": self.chunk_records}
            execute(self.connection, "marts/new_documents", sizes)
            chunks = execute(self.connection, "marts/chunks").fetchall()
            if not chunks:
                return 0
            execute(self.connection, "marts/chunk_categories", {"snapshot": snapshot})
        for chunk, first_key, last_key, _ in chunks:
            given: Given = {
                "snapshot": snapshot,
                "first_key": first_key,
                "last_key": last_key,
                "chunk": chunk,
            }
            with self.timed("reading"):
                for name in chunk_tables:
                    execute(self.connection, f"marts/{name}", given)
            for mart in marts:
                self._add(stage, mart, given)
        for name in chunk_tables:
            self.connection.execute(statement_on(name, "marts/drop_chunk"))
        execute(self.connection, "marts/add_known")
        return sum(count for *_, count in chunks)

    def _add(self, stage: Stage, mart: Table, given: Given) -> None:
        """Stage the rows that the statement of a mart finds, in the mart's columns and order."""
        with self.timed(mart.name):
            execute(self.connection, "marts/new_rows", table=mart)
            select = public_statement(f"marts/{mart.name.removeprefix('mart_')}").rstrip().removesuffix(";")
            sql = statement_on(f"new_{mart.name}", "marts/add_rows", select=select)
            self.connection.execute(sql, _used(sql, given))
        with self.timed("writing"):
            found = execute(self.connection, "marts/collected_rows", table=mart)
            for batch in found.to_arrow_reader(BATCH_ROWS):
                stage.add(mart, batch)
            execute(self.connection, "marts/new_rows", table=mart)

    @contextmanager
    def timed(self, what: str) -> Iterator[None]:
        """Count the seconds that the block takes."""
        start = time.perf_counter()
        yield
        self.seconds[what] = self.seconds.get(what, 0.0) + time.perf_counter() - start


def execute(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    given: Given | None = None,
    table: Table | None = None,
) -> duckdb.DuckDBPyConnection:
    """Run a statement for a table with those of the given parameters that the statement names."""
    sql = statement(name)
    if table is not None:
        sql = sql.replace("new_{table}", quote_identifier(f"new_{table.name}"))
        sql = sql.replace("{table}", quote_identifier(table.name))
        sql = sql.replace("{order}", ", ".join(quote_identifier(column) for column in table.sorted_by))
    return connection.execute(sql, _used(sql, given or {}))


def _used(sql: str, given: Given) -> Given:
    """Return the parameters that a statement names: DuckDB refuses others."""
    names = set(_PARAMETER.findall(sql))
    return {name: value for name, value in given.items() if name in names}
