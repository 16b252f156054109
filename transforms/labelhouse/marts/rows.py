"""Compute the rows of marts into staged files, a chunk of documents at a time.

Each chunk's images, labels, keypoints and answers are read once, then joined and counted as far as all
marts need them. Then the statements of sql/marts/ read the result; that of tracks reads the view `tracks`.
The memory holds one chunk, which DuckDB spills past its memory limit, and the open row groups of the
staged files.
"""

import hashlib
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import duckdb

from labelhouse.lake.engine import view_files
from labelhouse.manifest import StagedFile
from labelhouse.schema.mart_tables import (
    DOCUMENT_MARTS,
    MART_CLASS_BALANCE,
    MART_CLASS_HISTORY,
    MART_LABEL_CHURN,
    STAGE_MARTS,
)
from labelhouse.schema.table import Table
from labelhouse.sql_library.statements import public_names, public_statement, statement, statement_on
from labelhouse.sql_quoting import quote_identifier
from labelhouse.staging.staging_area import StagingArea, staging

Parameters = dict[str, object]
Commit = tuple[int, str, int, int]
"""Snapshot and project of a commit, and the first and last number of its ingests."""
BATCH_ROWS = 32_768
_TRACK_VIEWS = ("views/track_labels", "views/tracks")
_LABEL_TABLES = ("chunk_images", "chunk_labels")
_CHUNK_TABLES = (*_LABEL_TABLES, "chunk_keypoints", "chunk_answers")
_PARAMETER = re.compile(r"\$([a-z_]+)")


@cache
def statements_hash() -> str:
    """Return a hash of the statements that compute the rows of marts, without their headers."""
    public = [*public_names("marts"), *public_names("macros"), *_TRACK_VIEWS]
    texts = [public_statement(name) for name in public]
    texts += [statement(f"marts/{name}") for name in ("chunk_categories", *_CHUNK_TABLES)]
    lines = (line for text in texts for line in text.splitlines() if not line.startswith("--"))
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


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
                are_there = self._view_class_counts(files, commits, is_whole=is_whole)
                whole_history = are_there and (is_whole or not self._has_gone())
                if whole_history:
                    histories = statement("marts/class_histories")
                    values: Parameters = {"snapshot": snapshot, "is_whole": is_whole}
                    self._add(stage, MART_CLASS_HISTORY, values, select=histories)
                of_each = () if whole_history else (MART_CLASS_HISTORY,)
                with_label_rows = self._commits("label_row_commits")
                for of_commit, project, first, number in commits:
                    parameters: Parameters = {
                        "snapshot": snapshot,
                        "of_commit": of_commit,
                        "project": project,
                        "first_number": first,
                        "ingest_number": number,
                        "is_whole": is_whole,
                    }
                    for mart in (*of_each, *(STAGE_MARTS if of_commit in with_label_rows else ())):
                        self._add(stage, mart, parameters)
            first_number = min((first for _, _, first, _ in commits), default=0)
            parameters = {"snapshot": snapshot, "all_changes": is_whole, "first_number": first_number}
            self._add(stage, MART_LABEL_CHURN, parameters)
            return added, stage.finish()

    def _commits(self, name: str) -> set[int | None]:
        """Return the snapshots that a statement finds."""
        return {snapshot for (snapshot,) in self.connection.execute(statement(f"marts/{name}")).fetchall()}

    def _has_gone(self) -> bool:
        """Return whether documents are gone whose rows the marts hold."""
        return self.connection.execute(statement("marts/gone_count")).fetchone() != (0,)

    def _view_class_counts(
        self, files: Sequence[StagedFile], commits: Sequence[Commit], *, is_whole: bool
    ) -> bool:
        """Make class_counts of the classes of new documents, including documents that are gone again.

        Returns whether none is gone again. Only snapshots of commits that brought such documents are read.
        """
        gone = self._commits("gone_commits")
        # An ingest whose snapshot is not needed may have brought documents that the marts never had.
        read = [commit for commit in commits if commit[0] in gone or (is_whole and None in gone)]
        with staging(self.folder, "past") as past:
            for of_commit, *_ in read:
                self._add_documents(past, of_commit, (MART_CLASS_BALANCE,), _LABEL_TABLES)
            class_files = [
                file for file in (*files, *past.finish()) if file.table == MART_CLASS_BALANCE.name
            ]
        if class_files:
            view_files(self.connection, "class_counts", [Path(file.path) for file in class_files])
        else:
            self.connection.execute(statement("marts/no_class_counts"))
        return not read

    def _add_documents(
        self, stage: StagingArea, snapshot: int, marts: Sequence[Table], chunk_tables: Sequence[str]
    ) -> int:
        """Stage the rows of a snapshot's documents that are not known, and add these to the known ones."""
        with self.timed("reading"):
            sizes = {"snapshot": snapshot, "chunk_records": self.chunk_records}
            self.connection.execute(statement("marts/new_documents"), sizes)
            chunks = self.connection.execute(statement("marts/chunks")).fetchall()
            if not chunks:
                return 0
            self.connection.execute(statement("marts/chunk_categories"), {"snapshot": snapshot})
        for chunk, first_key, last_key, _ in chunks:
            parameters: Parameters = {
                "snapshot": snapshot,
                "first_key": first_key,
                "last_key": last_key,
                "chunk": chunk,
            }
            with self.timed("reading"):
                for name in chunk_tables:
                    self._execute(statement(f"marts/{name}"), parameters)
            for mart in marts:
                self._add(stage, mart, parameters)
        for name in chunk_tables:
            self.connection.execute(statement_on(name, "marts/drop_chunk"))
        self.connection.execute(statement("marts/add_known"))
        return sum(count for *_, count in chunks)

    def _add(
        self, stage: StagingArea, mart: Table, parameters: Parameters, *, select: str | None = None
    ) -> None:
        """Stage the rows that a mart's statement finds, or `select`, in the mart's columns and order."""
        place = f"new_{mart.name}"
        emptied = statement_on(mart.name, "marts/new_rows", new_rows=quote_identifier(place))
        select = select or public_statement(f"marts/{mart.name.removeprefix('mart_')}")
        select = select.rstrip().removesuffix(";")
        order = ", ".join(quote_identifier(column) for column in mart.sorted_by)
        with self.timed(mart.name):
            self.connection.execute(emptied)
            self._execute(statement_on(place, "marts/add_rows", select=select), parameters)
        with self.timed("writing"):
            rows = self.connection.execute(statement_on(place, "marts/collected_rows", order=order))
            for batch in rows.to_arrow_reader(BATCH_ROWS):
                stage.add(mart, batch)
            self.connection.execute(emptied)

    def _execute(self, sql: str, parameters: Parameters) -> None:
        """Run a statement with those of the parameters that it names: DuckDB refuses others."""
        names = set(_PARAMETER.findall(sql))
        self.connection.execute(sql, {name: value for name, value in parameters.items() if name in names})

    @contextmanager
    def timed(self, what: str) -> Iterator[None]:
        """Count the seconds that the block takes."""
        start = time.perf_counter()
        yield
        self.seconds[what] = self.seconds.get(what, 0.0) + time.perf_counter() - start
