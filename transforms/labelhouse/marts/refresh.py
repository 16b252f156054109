"""Bring the marts up to date: of document versions that came or went, and of nothing else.

The marts at the grain of a document version hold what adds up, so that a refresh deletes the rows of the
versions that are gone and computes those of the new ones. The marts that tell of nights (class history,
label churn) get rows for each commit since the last refresh: the commits are gone through in their order
by time travel, so that several between two refreshes lose nothing.

Document versions never change, nor does what a snapshot holds. So the rows are computed from a copy of the
catalog, without the warehouse's lock, into files that are no data yet; the lock is held to see what is new,
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
from labelhouse.lake.catalog_copy import copy_catalog
from labelhouse.lake.memory import REFRESH_BYTES, bound_memory
from labelhouse.manifest import StagedFile
from labelhouse.marts.rows import Commit, MartRows, execute
from labelhouse.reason_codes import Code
from labelhouse.results import Result
from labelhouse.schema.mart_tables import DOCUMENT_MARTS, MART_CLASS_HISTORY, MART_LABEL_CHURN
from labelhouse.staging.pending_ingests import other_runs, run_folder
from labelhouse.warehouse.change import change
from labelhouse.warehouse.guarding import guarded
from labelhouse.warehouse.opening import open_warehouse, require_warehouse
from labelhouse.warehouse.recovery import recover
from labelhouse.warehouse.snapshots import showing_copy
from labelhouse.warehouse.warehouse import Warehouse
from labelhouse.warehouse_layout import CATALOG

CHUNK_RECORDS = 250_000
"""Images and labels of the documents that are computed at a time; one document may have more."""
MAX_REFRESHES = 10


@dataclass(frozen=True, slots=True)
class RefreshResult(Result):
    """What a refresh did: document versions that came and went, commits of ingests, and seconds."""

    documents_added: int = 0
    documents_removed: int = 0
    commits: int = 0
    seconds: float = 0.0
    mart_seconds: dict[str, float] = field(default_factory=dict)
    """By mart; `reading` for what all of them need, `writing` for their files, `committing`."""

    @property
    def is_changed(self) -> bool:
        """Tell whether there was anything to do."""
        return bool(self.documents_added or self.documents_removed or self.commits)


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is to be done to bring the marts from the state they are in to a snapshot."""

    state: tuple[object, ...] | None
    """What mart_state holds; None before the first refresh."""
    rebuild: bool
    snapshot: int
    last_number: int
    commits: Sequence[Commit]
    """Those that the marts lack."""

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

    What commits meanwhile is left to the next refresh. With `rebuild` all is computed anew, except the
    class history of ingests whose snapshots have expired. DuckDB takes `memory_bytes` and spills
    the rest below staging/; what is held grows with `chunk_records`, not with the warehouse. Raises
    WarehouseError; then the marts are as they were.
    """
    folder = Path(warehouse).absolute()
    require_warehouse(folder)
    start = time.perf_counter()
    for _ in range(MAX_REFRESHES):
        with (
            open_warehouse(folder) as opened,
            guarded(folder),
            run_folder(opened.staging, opened.lock()) as run,
        ):
            bound_memory(opened.connection, memory_bytes, run)
            # A load or refresh that was killed may have left gigabytes there.
            if other_runs(opened.staging, run):
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
        Code.WAREHOUSE_BUSY,
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
            copy_catalog(warehouse.folder / CATALOG, private / CATALOG, is_locked=True)
        with showing_copy(connection, warehouse.folder, private / CATALOG):
            added, files = rows.compute(plan.snapshot, plan.commits, is_whole=plan.is_whole)
    with warehouse.lock(), rows.timed("committing"):
        if execute(connection, "marts/state").fetchone() != plan.state:
            return None
        removed = _commit(warehouse, plan, files)
    return added, removed, len(plan.commits)


def _plan(connection: duckdb.DuckDBPyConnection, *, rebuild: bool) -> _Plan:
    """Compare the marts with the newest snapshot; leaves what differs in temporary tables."""
    state = execute(connection, "marts/state").fetchone()
    since = -1 if rebuild or state is None else state[0]
    snapshot, last_number = _row(connection, "marts/newest_snapshot")
    execute(connection, "marts/new_ingests", {"since": since})
    execute(connection, "marts/known_documents", {"rebuild": rebuild})
    execute(connection, "marts/gone_documents", {"rebuild": rebuild})
    commits = execute(connection, "marts/commits").fetchall()
    return _Plan(state, rebuild, snapshot, last_number, commits)


def _commit(warehouse: Warehouse, plan: _Plan, files: Sequence[StagedFile]) -> int:
    """Bring staged rows into the marts in place of those that are gone; return how many documents went."""
    connection = warehouse.connection
    with change(warehouse, "refresh marts", {"refreshed_to": plan.snapshot}) as opened:
        removed = _remove(connection, plan)
        opened.register(files)
        execute(connection, "marts/remove_state")
        state_row = {
            "snapshot_id": plan.snapshot,
            "ingest_number": plan.last_number,
            "refreshed_at": datetime.now(UTC),
        }
        execute(connection, "marts/write_state", state_row)
    return removed


def _remove(connection: duckdb.DuckDBPyConnection, plan: _Plan) -> int:
    """Remove the rows of documents that are gone and of ingests that are counted anew."""
    [gone] = _row(connection, "marts/gone_count")
    if gone:
        name = "marts/remove_all_rows" if plan.rebuild else "marts/remove_rows"
        for mart in DOCUMENT_MARTS:
            execute(connection, name, table=mart)
    execute(connection, "marts/remove_series", {"all_ingests": False}, MART_CLASS_HISTORY)
    execute(connection, "marts/remove_series", {"all_ingests": plan.is_whole}, MART_LABEL_CHURN)
    return gone


def _row(connection: duckdb.DuckDBPyConnection, name: str) -> tuple[int, ...]:
    """Return the one row of numbers that a statement finds."""
    row = execute(connection, name).fetchone()
    assert row is not None
    return row
