"""Bring the marts up to date for the document versions that came or went, and for no others.

The marts at the grain of a document version hold counts that add up. A refresh deletes the rows of the
versions that are gone and computes those of the new ones. The marts about nights (class history, stages of
label rows, label churn) get rows for each commit since the last refresh. The refresh reads the commits in
their order by time travel, so that several commits between two refreshes lose nothing.

Document versions never change, nor do snapshots. The refresh therefore computes the rows from a copy of
the catalog, without the warehouse's lock, into staged files. It holds the lock only to find what is new,
and to register the files in one transaction.
"""

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from labelhouse.errors import WarehouseBusyError
from labelhouse.files.private_folder import private_folder
from labelhouse.lake.memory import REFRESH_BYTES, bound_memory
from labelhouse.manifest import StagedFile
from labelhouse.marts.rows import Commit, MartRows, statements_hash
from labelhouse.reason_codes import ReasonCode
from labelhouse.results import Result
from labelhouse.schema.mart_tables import (
    DOCUMENT_MARTS,
    MART_CLASS_HISTORY,
    MART_LABEL_CHURN,
    STAGE_MARTS,
)
from labelhouse.sql_library.statements import statement, statement_on
from labelhouse.warehouse.change import change
from labelhouse.warehouse.guarding import guarded
from labelhouse.warehouse.opening import open_warehouse, require_warehouse
from labelhouse.warehouse.recovery import recover
from labelhouse.warehouse.snapshots import showing_copy
from labelhouse.warehouse.trying_again import trying_again
from labelhouse.warehouse.warehouse import Warehouse
from labelhouse.warehouse_layout import CATALOG

CHUNK_RECORDS = 250_000
"""Images and labels of the documents in one chunk; a single document may have more."""
MAX_REFRESHES = 10


@dataclass(frozen=True, slots=True)
class RefreshResult(Result):
    """What a refresh did: document versions that came and went, commits of ingests, and seconds."""

    documents_added: int = 0
    documents_removed: int = 0
    commits: int = 0
    seconds: float = 0.0
    mart_seconds: dict[str, float] = field(default_factory=dict)
    """Seconds by mart; `reading` is what all marts need, `writing` their files, `committing` the commit."""

    @property
    def is_changed(self) -> bool:
        """Return whether anything changed."""
        return bool(self.documents_added or self.documents_removed or self.commits)


@dataclass(frozen=True, slots=True)
class _RefreshPlan:
    """The work that brings the marts from their present state to a snapshot."""

    state: tuple[object, ...] | None
    """What mart_state holds; None before the first refresh."""
    rebuild: bool
    snapshot: int
    last_number: int
    commits: Sequence[Commit]
    """Commits that the marts lack."""

    @property
    def is_whole(self) -> bool:
        return self.rebuild or self.state is None


def refresh_marts(
    warehouse: str | os.PathLike[str],
    *,
    rebuild: bool = False,
    memory_bytes: int = REFRESH_BYTES,
    chunk_records: int = CHUNK_RECORDS,
) -> RefreshResult:
    """Bring the marts up to date with the newest snapshot, all of them at once, if there is anything new.

    The next refresh takes up what is committed during this one. With `rebuild` the refresh computes
    everything again, except the class history of ingests whose snapshots have expired. DuckDB takes
    `memory_bytes` and spills the rest below staging/. The memory grows with `chunk_records`, not with the
    warehouse. Raises WarehouseError; then the marts are as they were.
    """
    folder = Path(warehouse).absolute()
    require_warehouse(folder)
    start = time.perf_counter()
    for _ in range(MAX_REFRESHES):
        with (
            open_warehouse(folder) as opened,
            guarded(folder),
            opened.place.run_folder(opened.lock()) as run,
        ):
            bound_memory(opened.connection, memory_bytes, run)
            # A killed load or refresh may have left gigabytes in its folder.
            if opened.place.has_leftovers(run):
                recover(opened)
            rows = MartRows(opened.connection, run, chunk_records)
            done = _refresh(opened, rows, rebuild=rebuild)
        if done is not None:
            added, removed, commits = done
            seconds = time.perf_counter() - start
            return (
                RefreshResult(added, removed, commits, seconds, rows.seconds)
                if any(done)
                else RefreshResult()
            )
    raise WarehouseBusyError(
        ReasonCode.WAREHOUSE_BUSY,
        "other processes refresh the marts again and again",
        where=str(folder),
        remedy="run again when they have finished",
    )


def _refresh(warehouse: Warehouse, rows: MartRows, *, rebuild: bool) -> tuple[int, int, int] | None:
    """Return how many documents came and went, and commits; None if another refresh came first."""
    connection = warehouse.connection
    with private_folder() as private:
        with warehouse.lock():
            plan = _plan(connection, rebuild=rebuild)
            if not plan.commits and _row(connection, "marts/differing_documents") == (0, 0):
                return (0, 0, 0)
            warehouse.place.copy_catalog(private / CATALOG, is_locked=True)
        with showing_copy(connection, warehouse.place, private / CATALOG):
            added, files = rows.compute(plan.snapshot, plan.commits, is_whole=plan.is_whole)

    def once() -> int | None:
        with warehouse.lock(), rows.timed("committing"):
            if connection.execute(statement("marts/state")).fetchone() != plan.state:
                return None
            return _commit(warehouse, plan, files)

    removed = trying_again(warehouse, once)
    return None if removed is None else (added, removed, len(plan.commits))


def _plan(connection: duckdb.DuckDBPyConnection, *, rebuild: bool) -> _RefreshPlan:
    """Compare the marts with the newest snapshot; leave the differences in temporary tables."""
    state = connection.execute(statement("marts/state")).fetchone()
    rebuild = rebuild or (state is not None and state[2] != statements_hash())
    since = -1 if rebuild or state is None else state[0]
    snapshot, last_number = _row(connection, "marts/newest_snapshot")
    connection.execute(statement("marts/new_ingests"), {"since": since})
    connection.execute(statement("marts/known_documents"), {"rebuild": rebuild})
    connection.execute(statement("marts/gone_documents"), {"rebuild": rebuild})
    commits = connection.execute(statement("marts/commits")).fetchall()
    return _RefreshPlan(state, rebuild, snapshot, last_number, commits)


def _commit(warehouse: Warehouse, plan: _RefreshPlan, files: Sequence[StagedFile]) -> int:
    """Replace the rows of documents that are gone by staged rows; return how many documents went."""
    connection = warehouse.connection
    with change(warehouse, "refresh marts", {"refreshed_to": plan.snapshot}) as opened:
        removed = _remove(connection, plan)
        opened.register(files)
        connection.execute(statement("marts/remove_state"))
        state_row = {
            "snapshot_id": plan.snapshot,
            "ingest_number": plan.last_number,
            "refreshed_at": datetime.now(UTC),
            "statements_hash": statements_hash(),
        }
        connection.execute(statement("marts/write_state"), state_row)
    return removed


def _remove(connection: duckdb.DuckDBPyConnection, plan: _RefreshPlan) -> int:
    """Remove the rows of documents that are gone and of ingests that are counted again."""
    [gone] = _row(connection, "marts/gone_count")
    if gone:
        name = "marts/remove_all_rows" if plan.rebuild else "marts/remove_rows"
        for mart in DOCUMENT_MARTS:
            connection.execute(statement_on(mart.name, name))
    for mart in (MART_CLASS_HISTORY, *STAGE_MARTS):
        connection.execute(statement_on(mart.name, "marts/remove_series"), {"all_ingests": False})
    connection.execute(
        statement_on(MART_LABEL_CHURN.name, "marts/remove_series"), {"all_ingests": plan.is_whole}
    )
    return gone


def _row(connection: duckdb.DuckDBPyConnection, name: str) -> tuple[int, ...]:
    """Return the one row of numbers that a statement finds."""
    row = connection.execute(statement(name)).fetchone()
    assert row is not None
    return row
