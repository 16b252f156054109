"""Bring the marts up to date: of document versions that came or went, and of nothing else.

The marts at the grain of a document version hold what adds up, so that a refresh deletes the rows of the
versions that are gone and computes those of the new ones. The marts that tell of nights (class history,
label churn) get rows for each commit since the last refresh: the commits are gone through in their order
by time travel, so that several between two refreshes lose nothing.
"""

import os
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from labelhouse.attempts import run_folder
from labelhouse.checksums import record_checksums
from labelhouse.durable import fsync_folder
from labelhouse.engine import bound_memory, set_commit_message
from labelhouse.mart_rows import MartRows, execute
from labelhouse.marts_schema import DOCUMENT_MARTS, MART_CLASS_HISTORY, MART_LABEL_CHURN
from labelhouse.table import Table
from labelhouse.warehouse import Warehouse, guarded, open_warehouse, require_warehouse

MEMORY_LIMIT = "1GB"
CHUNK_RECORDS = 500_000
"""Images and labels of the documents that are computed at a time; one document may have more."""


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh did: document versions that came and went, commits of ingests, and seconds."""

    documents_added: int = 0
    documents_removed: int = 0
    commits: int = 0
    seconds: float = 0.0
    mart_seconds: dict[str, float] = field(default_factory=dict)
    """By mart; `reading` for what all of them need, `writing` for their files and the commit."""

    @property
    def is_changed(self) -> bool:
        """Tell whether there was anything to do."""
        return bool(self.documents_added or self.documents_removed or self.commits)


def refresh_marts(
    warehouse: str | os.PathLike[str],
    *,
    rebuild: bool = False,
    memory_limit: str = MEMORY_LIMIT,
    chunk_records: int = CHUNK_RECORDS,
) -> Refreshed:
    """Bring the marts up to date in one transaction; with nothing new nothing is written.

    With `rebuild` all is computed anew, except the class history of ingests whose snapshots have expired.
    DuckDB takes `memory_limit` of memory and spills the rest below staging/. Raises WarehouseError; then
    the marts are as they were.
    """
    folder = Path(warehouse).absolute()
    require_warehouse(folder)
    with open_warehouse(folder) as opened, guarded(folder), run_folder(opened.staging) as spill:
        bound_memory(opened.connection, memory_limit, spill)
        with opened.lock():
            return _refresh(opened, MartRows(opened.connection, rebuild, chunk_records))


def _refresh(warehouse: Warehouse, rows: MartRows) -> Refreshed:
    connection, rebuild, start = warehouse.connection, rows.rebuild, time.perf_counter()
    state = execute(connection, "refresh/state").fetchone()
    is_whole = rebuild or state is None
    execute(connection, "refresh/new_ingests", {"since": -1 if rebuild or state is None else state[0]})
    execute(connection, "refresh/known_documents", {"rebuild": rebuild})
    commits = execute(connection, "refresh/commits").fetchall()
    if not commits and _row(connection, "refresh/differing_documents") == (0, 0):
        return Refreshed()
    snapshot, last_number = _row(connection, "refresh/newest_snapshot")
    with warehouse.transaction():
        execute(connection, "ingest/raise_fence")
        for mart in (*DOCUMENT_MARTS, MART_CLASS_HISTORY, MART_LABEL_CHURN):
            execute(connection, "refresh/collect", table=mart)
        for of_commit, project, _, number in commits:
            rows.add_documents(of_commit)
            given = {"snapshot": of_commit, "project": project, "ingest_number": number, "rebuild": rebuild}
            rows.add(MART_CLASS_HISTORY, given)
        # Documents that no commit brought whose snapshot is still there.
        rows.add_documents(snapshot)
        first_number = min((first for _, _, first, _ in commits), default=0)
        rows.add(MART_LABEL_CHURN, {"all_changes": is_whole, "first_number": first_number})
        added, removed = _write(connection, rebuild=rebuild, is_whole=is_whole)
        execute(connection, "refresh/remove_state")
        state_row = {
            "snapshot_id": snapshot,
            "ingest_number": last_number,
            "refreshed_at": datetime.now(UTC),
        }
        execute(connection, "refresh/write_state", state_row)
        set_commit_message(connection, "refresh marts", {"refreshed_to": snapshot})
    fsync_folder(warehouse.folder)
    record_checksums(warehouse.folder, connection)
    return Refreshed(added, removed, len(commits), time.perf_counter() - start, rows.seconds)


def _write(connection: duckdb.DuckDBPyConnection, *, rebuild: bool, is_whole: bool) -> tuple[int, int]:
    """Bring the collected rows into the marts; return how many documents came and went."""
    execute(connection, "refresh/gone_documents", {"rebuild": rebuild})
    [gone] = _row(connection, "refresh/gone_count")
    for mart in DOCUMENT_MARTS:
        if gone:
            execute(connection, "refresh/remove_rows", table=mart)
        if _row(connection, "refresh/row_count", mart) != (0,):
            execute(connection, "refresh/write_rows", table=mart)
    for mart, is_all in ((MART_CLASS_HISTORY, False), (MART_LABEL_CHURN, is_whole)):
        execute(connection, "refresh/remove_series", {"all_ingests": is_all}, mart)
        if _row(connection, "refresh/row_count", mart) != (0,):
            execute(connection, "refresh/write_series", table=mart)
    [added] = _row(connection, "refresh/added_count")
    return added, gone


def _row(connection: duckdb.DuckDBPyConnection, name: str, table: Table | None = None) -> tuple[int, ...]:
    """Return the one row of numbers that a statement finds."""
    row = execute(connection, name, table=table).fetchone()
    assert row is not None
    return row
