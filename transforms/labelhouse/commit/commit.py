"""Commit staged sources: one transaction, one snapshot, or nothing."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from labelhouse.commit.duplicate_ids import find_repeats
from labelhouse.commit.label_history import add_history
from labelhouse.commit.partitions import VersionRange, commit_parts, parts_between
from labelhouse.errors import LabelhouseError, StaleDocumentsError
from labelhouse.lake.as_of import newest_snapshot
from labelhouse.lake.engine import add_data_files, escape_glob
from labelhouse.manifest import Staged, StagedFile
from labelhouse.reason_codes import Code
from labelhouse.schema.warehouse_tables import (
    CATEGORIES,
    DOCUMENT_POINTERS,
    DOCUMENT_TABLES,
    DOCUMENTS,
    STAGED_TABLES,
    UNCHANGED_DOCUMENTS,
)
from labelhouse.sql_library.statements import statement, statement_on
from labelhouse.staging.pending_ingests import Attempt, clear_pending, postpone
from labelhouse.warehouse.change import change
from labelhouse.warehouse.guarding import after_commit, guarded
from labelhouse.warehouse.recovery import add_ledger_rows
from labelhouse.warehouse.warehouse import Warehouse

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StagedAttempt:
    """A source that has been staged and waits for its commit."""

    attempt: Attempt
    staged: Staged


def commit(
    warehouse: Warehouse,
    sources: Sequence[StagedAttempt],
    *,
    project: str,
    full: bool,
    dry_run: bool = False,
    again: bool = False,
) -> list[dict[str, object]]:
    """Bring staged sources into the warehouse, all in one transaction; return their ledger rows.

    Documents replace their earlier versions. With `full` the sources are the whole project: the commit
    removes documents that they lack. If the project got the same bytes before, only documents removed since
    come back; newer versions stay. A load that is `full` or `again` brings back every document. The commit
    writes nothing if the warehouse already holds the same, and never with `dry_run`. Raises WarehouseError;
    then the warehouse is as it was.
    """
    with guarded(warehouse.folder), warehouse.lock():
        plan = _plan(warehouse, sources, project, full=full, again=again)
        if plan.is_empty and dry_run:
            return plan.rows
        if plan.is_empty:
            for source, row in zip(sources, plan.rows, strict=True):
                postpone(warehouse.staging, source.attempt, row)
            return plan.rows
        _write(warehouse, sources, plan, project, dry_run)
        return plan.rows


def reject(warehouse: Warehouse, attempt: Attempt, error: LabelhouseError) -> dict[str, object]:
    """Write the rejection of a source into the ledger; return its row. Raises WarehouseError."""
    row = attempt.row("rejected", error_code=error.code.value, error=str(error))
    with guarded(warehouse.folder), warehouse.lock():
        with change(warehouse, "source rejected", {"ingest_id": attempt.ingest_id}):
            waiting = add_ledger_rows(warehouse, [row])
        _tidy(warehouse, [attempt], waiting)
    return row


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a commit is going to do."""

    rows: list[dict[str, object]]
    superseded: int

    @property
    def is_empty(self) -> bool:
        return all(row["status"] == "unchanged" for row in self.rows)


def _plan(
    warehouse: Warehouse, sources: Sequence[StagedAttempt], project: str, *, full: bool, again: bool
) -> _Plan:
    """Compare the staged documents with the warehouse."""
    connection = warehouse.connection
    connection.execute(statement("commit/staged_documents"))
    for table in (DOCUMENTS, UNCHANGED_DOCUMENTS):
        if files := _globs(_files(sources, table.name)):
            values = {"files": files, "is_stored": table is DOCUMENTS}
            connection.execute(statement("commit/add_staged_documents"), values)
    known, whole = ([], []) if full or again else _known_bytes(connection, sources, project)
    values = {"project": project, "known": known, "whole": whole}
    connection.execute(statement("commit/incoming_documents"), values)
    connection.execute(statement("commit/drop_staged_documents"))
    connection.execute(statement("commit/superseded_documents"), {"project": project, "full": full})
    counted = connection.execute(statement("commit/document_counts")).fetchall()
    counts = {number: tuple(documents[:3]) for number, *documents in counted}
    if any(stale for *_, stale in counted):
        raise StaleDocumentsError(
            Code.WAREHOUSE_BUSY,
            "another process changed documents while the source was parsed",
            where=str(warehouse.folder),
            remedy="run again",
        )
    superseded, absent = connection.execute(statement("commit/superseded_count")).fetchone() or (
        0,
        0,
    )
    is_same = absent == 0 and all(counts[source.attempt.ingest_number][:2] == (0, 0) for source in sources)
    rows = [_ledger_row(source, counts[source.attempt.ingest_number], is_same) for source in sources]
    # The sources of a full load remove documents together; the row of the last one has the count.
    rows[-1]["documents_removed"] = absent
    return _Plan(rows, superseded)


def _known_bytes(
    connection: duckdb.DuckDBPyConnection, sources: Sequence[StagedAttempt], project: str
) -> tuple[list[int], list[int]]:
    """Return the ingests whose bytes the project got before: those it may lack, and those it holds whole.

    It holds them whole unless documents of the project were removed since: then the commit checks which.
    """
    known: list[int] = []
    whole: list[int] = []
    for source in sources:
        given = {"project": project, "sha256": source.staged.sha256}
        found = connection.execute(statement("commit/same_bytes"), given).fetchone()
        is_known, may_lack = found or (False, False)
        if is_known:
            (known if may_lack else whole).append(source.attempt.ingest_number)
    return known, whole


def _ledger_row(source: StagedAttempt, counts: tuple[int, ...], is_same: bool) -> dict[str, object]:
    added, changed, unchanged = (0, 0, sum(counts)) if is_same else counts
    staged = source.staged
    rows: dict[str, int] = {} if is_same else staged.rows
    return source.attempt.row(
        "unchanged" if is_same else "committed",
        sha256=staged.sha256,
        bytes=staged.bytes,
        documents_added=added,
        documents_changed=changed,
        documents_unchanged=unchanged,
        documents_removed=0,
        documents_rejected=0,
        documents_renumbered=0,
        document_count=rows.get("documents", 0),
        image_count=rows.get("images", 0),
        category_count=rows.get("categories", 0),
        annotation_count=rows.get("annotations", 0),
        keypoint_count=rows.get("keypoints", 0),
        attribute_count=rows.get("attributes", 0),
        quarantined=staged.rows.get("quarantine", 0),
        issues=staged.rows.get("issues", 0),
    )


def _write(
    warehouse: Warehouse, sources: Sequence[StagedAttempt], plan: _Plan, project: str, dry_run: bool
) -> None:
    ids = [source.attempt.ingest_id for source in sources]
    with change(warehouse, f"ingest into {project}", {"ingest_ids": ids}, dry_run=dry_run) as opened:
        connection = opened.connection
        names = [table.name for table in STAGED_TABLES if table is not CATEGORIES]
        if not dry_run:
            opened.register([file for name in names for file in _staged(sources, name)])
        else:
            # A dry run adds the files where they are, and leaves no trace.
            for name in names:
                if paths := _files(sources, name):
                    add_data_files(connection, name, paths)
        if categories := _files(sources, CATEGORIES.name):
            connection.execute(statement("commit/add_categories"), {"files": _globs(categories)})
        parts = commit_parts(connection)
        find_repeats(connection, parts)
        incoming = parts_between(parts, *_keys(sources))
        _add_history(connection, sources, incoming, plan, project)
        if plan.superseded:
            for table in DOCUMENT_TABLES:
                connection.execute(statement_on(table.name, "commit/remove_rows"))
        _add_reference_issues(connection, sources, incoming, plan)
        waiting = add_ledger_rows(warehouse, plan.rows)
    if not dry_run:
        _tidy(warehouse, [source.attempt for source in sources], waiting)


def _tidy(warehouse: Warehouse, attempts: Sequence[Attempt], waiting: Sequence[dict[str, object]]) -> None:
    """Clean up after a commit; a failure undoes nothing.

    The next start does it instead: it does not report an ingest again that is in the ledger.
    """
    for attempt in attempts:
        with after_commit("the record of the attempt is still there"):
            attempt.record.unlink()
    with after_commit("rows that waited are still there"):
        clear_pending(warehouse.staging, waiting)


def _add_history(
    connection: duckdb.DuckDBPyConnection,
    sources: Sequence[StagedAttempt],
    incoming: Sequence[VersionRange],
    plan: _Plan,
    project: str,
) -> None:
    """Record label changes, and documents that mean the same as before, in tables and ledger rows."""
    if files := _globs(_files(sources, DOCUMENT_POINTERS.name)):
        connection.execute(statement("commit/staged_pointers"), {"files": files})
    # No other process makes a snapshot now: the lock prevents it, or the fence if one ignores the lock.
    snapshot_id = newest_snapshot(connection) + 1
    renumbered = add_history(connection, plan.rows, incoming, project=project, snapshot_id=snapshot_id)
    for row in plan.rows:
        count = renumbered.get(str(row["ingest_id"]), 0)
        changed, unchanged = row["documents_changed"], row["documents_unchanged"]
        assert isinstance(changed, int)
        assert isinstance(unchanged, int)
        row |= {
            "snapshot_id": snapshot_id,
            "documents_renumbered": count,
            "documents_changed": changed - count,
            "documents_unchanged": unchanged + count,
        }


def _add_reference_issues(
    connection: duckdb.DuckDBPyConnection,
    sources: Sequence[StagedAttempt],
    incoming: Sequence[VersionRange],
    plan: _Plan,
) -> None:
    """Find issues that only whole documents show; count each source's issues again in its ledger row."""
    if not _files(sources, DOCUMENT_POINTERS.name):
        # Nothing was stored, but documents were removed.
        return
    for part in incoming:
        connection.execute(statement("commit/reference_issues"), part.keys())
        [issues] = connection.execute(statement("commit/reference_issue_count")).fetchone() or (0,)
        if issues:
            connection.execute(statement("commit/add_reference_issues"), part.keys())
    first_key, last_key = _keys(sources)
    keys = {"first_key": first_key, "last_key": last_key}
    counts = dict(connection.execute(statement("commit/issue_counts"), keys).fetchall())
    for row in plan.rows:
        row["issues"] = counts.get(row["ingest_id"], 0)


def _keys(sources: Sequence[StagedAttempt]) -> tuple[int, int]:
    """Return the first and the last document key that the sources may have."""
    numbers = [source.attempt.ingest_number for source in sources]
    return min(numbers) << 32, (max(numbers) + 1 << 32) - 1


def _files(sources: Sequence[StagedAttempt], table: str) -> list[Path]:
    return [Path(file.path) for file in _staged(sources, table)]


def _staged(sources: Sequence[StagedAttempt], table: str) -> list[StagedFile]:
    return [file for source in sources for file in source.staged.files if file.table == table]


def _globs(paths: Sequence[Path]) -> list[str]:
    return [escape_glob(str(path)) for path in paths]
