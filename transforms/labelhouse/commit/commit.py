"""Commit staged sources: one transaction, one snapshot, or nothing."""

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from labelhouse.commit.copied_versions import copied_versions
from labelhouse.commit.duplicate_ids import find_duplicate_ids
from labelhouse.commit.known_contents import find_known_contents
from labelhouse.commit.label_history import add_history
from labelhouse.commit.partitions import PART_RECORDS, VersionRange, commit_parts, parts_between
from labelhouse.errors import LabelhouseError, StaleDocumentsError
from labelhouse.lake.as_of import newest_snapshot
from labelhouse.lake.engine import add_data_files, escape_glob
from labelhouse.manifest import Staged, StagedFile
from labelhouse.reason_codes import ReasonCode
from labelhouse.schema.label_row_tables import LABEL_ROW_TABLES, ONTOLOGY
from labelhouse.schema.warehouse_tables import (
    CATEGORIES,
    DOCUMENT_POINTERS,
    DOCUMENT_TABLES,
    DOCUMENTS,
    PARSED_DOCUMENTS,
    SHARED_TABLES,
    STAGED_TABLES,
    UNCHANGED_DOCUMENTS,
)
from labelhouse.sql_library.statements import statement, statement_on
from labelhouse.staging.pending_ingests import BegunIngest
from labelhouse.warehouse.change import change
from labelhouse.warehouse.guarding import after_commit, guarded
from labelhouse.warehouse.ledger import add_ledger_rows, known_ingests
from labelhouse.warehouse.trying_again import trying_again
from labelhouse.warehouse.warehouse import Warehouse

DATA_TABLES = [table for table in STAGED_TABLES if table not in SHARED_TABLES]
"""Tables whose staged files become data as they are."""
_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StagedIngest:
    """A source that has been staged and waits for its commit."""

    ingest: BegunIngest
    staged: Staged
    seconds: float = 0.0
    """Time that parsing it took."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """A source that is rejected, for what reason, and the time that was spent on it."""

    ingest: BegunIngest
    error: LabelhouseError
    seconds: float

    def row(self) -> dict[str, object]:
        """Return the ledger row."""
        return self.ingest.row(
            "rejected",
            error_code=self.error.code.value,
            error=str(self.error),
            seconds=round(self.seconds, 3),
        )


def commit(
    warehouse: Warehouse,
    sources: Sequence[StagedIngest],
    *,
    project: str,
    full: bool,
    dry_run: bool = False,
    again: bool = False,
    apart: bool = False,
    gone: Sequence[str] = (),
    part_records: int = PART_RECORDS,
) -> list[dict[str, object]]:
    """Bring staged sources into the warehouse, all in one transaction; return their ledger rows.

    Documents replace their earlier versions. With `full` the sources are the whole project: the commit
    removes documents that they lack, and in any case those of the ids `gone`. If the project got the same
    bytes before, only documents removed since come back; newer versions stay. A load that is `full` or
    `again` brings back every document. The commit
    writes nothing if the warehouse already holds the same, and never with `dry_run`. With `apart` each
    source gets the row that a commit of its own would give it. It compares about
    `part_records` records at a time. Raises WarehouseError; then the warehouse is as it was. With `apart`
    raises SourcesDependError, before anything is done, if one source changes what another one meets.
    """
    tried: list[dict[str, object]] = []
    ids = [source.ingest.ingest_id for source in sources]

    def once() -> list[dict[str, object]]:
        with warehouse.lock():
            began = time.perf_counter()
            if tried and known_ingests(warehouse.connection, ids):
                # The answer to an earlier try was lost, but not what it did.
                tidy(warehouse, [source.ingest for source in sources], [])
                return tried
            place.require_running([source.ingest for source in sources])
            plan = _plan(warehouse, sources, project, full=full, again=again, apart=apart, gone=gone)
            warehouse.connection.execute(statement("commit/no_known_contents"))
            if plan.is_empty and dry_run:
                return plan.rows
            if plan.is_empty:
                _set_seconds(sources, plan, began)
                for source, row in zip(sources, plan.rows, strict=True):
                    place.postpone(source.ingest, row)
                return plan.rows
            tried[:] = plan.rows
            _write(warehouse, sources, plan, project, began, dry_run=dry_run, part_records=part_records)
            return plan.rows

    place = warehouse.place
    data = [file for table in DATA_TABLES for file in _staged(sources, table.name)]
    with guarded(warehouse.address):
        if not dry_run:
            place.send_ahead(data)
        try:
            rows = trying_again(warehouse, once)
            if tried and any(row["documents_added"] for row in rows):
                with after_commit("documents that are there under other names were not searched for"):
                    find_known_contents(warehouse.connection, project)
        except BaseException:
            place.take_back(data)
            raise
        changed = {row["ingest_number"] for row in rows if row["status"] == "committed"}
        gone_ahead = [source for source in sources if source.ingest.ingest_number not in changed]
        place.take_back([file for table in DATA_TABLES for file in _staged(gone_ahead, table.name)])
        return rows


class SourcesDependError(Exception):
    """Sources that were to be committed together, each for itself, have to be committed one by one."""


def reject(warehouse: Warehouse, rejections: Sequence[Rejection]) -> list[dict[str, object]]:
    """Write the rejections of sources into the ledger; return their rows. Raises WarehouseError."""
    rows = [rejection.row() for rejection in rejections]
    ids = [rejection.ingest.ingest_id for rejection in rejections]
    extra: dict[str, object] = {"ingest_id": ids[0]} if len(ids) == 1 else {"ingest_ids": ids}

    def once() -> None:
        with warehouse.lock():
            with change(warehouse, "source rejected", extra):
                waiting = add_ledger_rows(warehouse, rows)
            tidy(warehouse, [rejection.ingest for rejection in rejections], waiting)

    with guarded(warehouse.address):
        trying_again(warehouse, once)
    return rows


@dataclass(frozen=True, slots=True)
class _CommitPlan:
    """What a commit is going to do."""

    rows: list[dict[str, object]]
    superseded: int

    @property
    def is_empty(self) -> bool:
        return not self.changed

    @property
    def changed(self) -> list[dict[str, object]]:
        """The rows of the sources that the commit brings in."""
        return [row for row in self.rows if row["status"] != "unchanged"]


def _plan(
    warehouse: Warehouse,
    sources: Sequence[StagedIngest],
    project: str,
    *,
    full: bool,
    again: bool,
    apart: bool,
    gone: Sequence[str],
) -> _CommitPlan:
    """Compare the staged documents with the warehouse."""
    connection = warehouse.connection
    connection.execute(statement("commit/staged_documents"))
    for table in (DOCUMENTS, UNCHANGED_DOCUMENTS):
        if files := _globs(_files(sources, table.name)):
            values = {"files": files, "is_stored": table is DOCUMENTS}
            connection.execute(statement("commit/add_staged_documents"), values)
    lists = _parsed_lists(sources)
    if lists is not None:
        connection.execute(statement("commit/add_parsed_documents"), lists)
    known, whole = ([], []) if full or again else _known_bytes(connection, sources, project)
    values = {"project": project, "known": known, "whole": whole}
    connection.execute(statement("commit/incoming_documents"), values)
    connection.execute(statement("commit/drop_staged_documents"))
    counted = connection.execute(statement("commit/document_counts")).fetchall()
    counts = {number: tuple(documents[:3]) for number, *documents in counted}
    if apart:
        _require_independence(connection)
    if any(stale for *_, stale in counted):
        raise _stale(warehouse)
    if lists is not None:
        _count_doubts(warehouse, sources, lists)
    if apart:
        _leave_out_unchanged(connection, sources, counts)
    removed = {"project": project, "full": full, "gone": list(gone)}
    connection.execute(statement("commit/superseded_documents"), removed)
    superseded, absent = connection.execute(statement("commit/superseded_count")).fetchone() or (
        0,
        0,
    )
    are_same = {number: documents[:2] == (0, 0) for number, documents in counts.items()}
    if not apart:
        is_same = absent == 0 and all(are_same.values())
        are_same = dict.fromkeys(are_same, is_same)
    numbers = [source.ingest.ingest_number for source in sources]
    rows = [
        _ledger_row(source, counts[number], are_same[number])
        for source, number in zip(sources, numbers, strict=True)
    ]
    # The sources of a full load remove documents together; the row of the last one has the count.
    rows[-1]["documents_removed"] = absent
    return _CommitPlan(rows, superseded)


def _require_independence(connection: duckdb.DuckDBPyConnection) -> None:
    """Raise SourcesDependError if a source changes what a later one would meet.

    It does if it changes a document that the later one has too.
    """
    [shared] = connection.execute(statement("commit/shared_document_count")).fetchone() or (0,)
    if shared:
        raise SourcesDependError


def _changing(sources: Sequence[StagedIngest], counts: Mapping[int, tuple[int, ...]]) -> list[StagedIngest]:
    return [source for source in sources if counts[source.ingest.ingest_number][:2] != (0, 0)]


def _leave_out_unchanged(
    connection: duckdb.DuckDBPyConnection,
    sources: Sequence[StagedIngest],
    counts: Mapping[int, tuple[int, ...]],
) -> None:
    """Let the commit store nothing of sources that change nothing."""
    changing = _changing(sources, counts)
    if len(changing) < len(sources):
        numbers = [source.ingest.ingest_number for source in changing]
        connection.execute(statement("commit/leave_out_unchanged"), {"changing": numbers})


def _stale(warehouse: Warehouse) -> StaleDocumentsError:
    return StaleDocumentsError(
        ReasonCode.WAREHOUSE_BUSY,
        "another process changed documents while the source was parsed",
        where=str(warehouse.address),
        remedy="run again",
    )


def _parsed_lists(sources: Sequence[StagedIngest]) -> dict[str, object] | None:
    """Return the parameters that name the lists of known bytes of the sources; None if there are none.

    One statement takes them all: each statement on the warehouse costs milliseconds.
    """
    paths = {path: source.ingest.ingest_number for source in sources for path in _lists_of(source)}
    if not paths:
        return None
    names = [path.name for path in paths]
    return {"files": _globs(list(paths)), "names": names, "ingest_numbers": list(paths.values())}


def _lists_of(source: StagedIngest) -> list[Path]:
    return _files([source], PARSED_DOCUMENTS.name)


def _count_doubts(
    warehouse: Warehouse, sources: Sequence[StagedIngest], lists: Mapping[str, object]
) -> None:
    """Count what parsing would have staged of documents of known bytes that the warehouse lacks.

    Raises StaleDocumentsError if it would have staged others with them.
    """
    rows = warehouse.connection.execute(statement("commit/parsed_doubts"), lists).fetchall()
    doubts = {number: counts for number, *counts in rows}
    for source in sources:
        if _lists_of(source):
            quarantined, issues, are_torn = doubts.get(source.ingest.ingest_number, (0, 0, False))
            if are_torn:
                raise _stale(warehouse)
            source.staged.rows.update(quarantine=quarantined, issues=issues)


def _known_bytes(
    connection: duckdb.DuckDBPyConnection, sources: Sequence[StagedIngest], project: str
) -> tuple[list[int], list[int]]:
    """Return the ingests whose bytes the project got before: those it may lack, and those it holds whole.

    It holds them whole unless documents of the project were removed since: then the commit checks which.
    """
    connection.execute(statement("commit/call_sources"))
    values = {
        "project": project,
        "ingest_numbers": [source.ingest.ingest_number for source in sources],
        "sha256s": [source.staged.sha256 for source in sources],
        "sources": [source.ingest.source for source in sources],
        "authors": [source.staged.authors for source in sources],
    }
    rows = connection.execute(statement("commit/same_bytes"), values).fetchall()
    known = [number for number, may_lack in rows if may_lack]
    whole = [number for number, may_lack in rows if not may_lack]
    return known, whole


def _ledger_row(source: StagedIngest, counts: tuple[int, ...], is_same: bool) -> dict[str, object]:
    added, changed, unchanged = (0, 0, sum(counts)) if is_same else counts
    staged = source.staged
    rows: dict[str, int] = {} if is_same else staged.rows
    return source.ingest.row(
        "unchanged" if is_same else "committed",
        sha256=staged.sha256,
        authors=staged.authors,
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
    warehouse: Warehouse,
    sources: Sequence[StagedIngest],
    plan: _CommitPlan,
    project: str,
    began: float,
    *,
    dry_run: bool,
    part_records: int,
) -> None:
    every = sources
    sources = [
        source for source, row in zip(sources, plan.rows, strict=True) if row["status"] != "unchanged"
    ]
    ids = [source.ingest.ingest_id for source in sources]
    with change(warehouse, f"ingest into {project}", {"ingest_ids": ids}, dry_run=dry_run) as opened:
        connection = opened.connection
        names = [table.name for table in DATA_TABLES]
        if not dry_run:
            opened.register([file for name in names for file in _staged(sources, name)])
        else:
            # A dry run adds the files where they are, and leaves no trace.
            for name in names:
                if paths := _files(sources, name):
                    add_data_files(connection, name, paths)
        if categories := _files(sources, CATEGORIES.name):
            connection.execute(statement("commit/add_categories"), {"files": _globs(categories)})
        if ontologies := _files(sources, ONTOLOGY.name):
            connection.execute(statement("commit/add_ontologies"), {"files": _globs(ontologies)})
        parts = commit_parts(connection, part_records)
        with copied_versions(connection, parts):
            find_duplicate_ids(connection, parts)
            incoming = parts_between(parts, *_keys(sources))
            _add_history(connection, sources, incoming, plan, project)
            _add_reference_issues(connection, sources, incoming, plan)
        if plan.superseded:
            [has_rows] = connection.execute(statement("commit/superseded_rows")).fetchone() or (False,)
            for table in DOCUMENT_TABLES:
                if has_rows or table not in LABEL_ROW_TABLES:
                    connection.execute(statement_on(table.name, "commit/remove_rows"))
        _set_seconds(every, plan, began)
        waiting = add_ledger_rows(warehouse, plan.rows)
    if not dry_run:
        tidy(warehouse, [source.ingest for source in every], waiting)


def _set_seconds(sources: Sequence[StagedIngest], plan: _CommitPlan, began: float) -> None:
    """Set the time of each source in its ledger row: that of parsing it, and its share of the commit."""
    share = (time.perf_counter() - began) / len(sources)
    for source, row in zip(sources, plan.rows, strict=True):
        row["seconds"] = round(source.seconds + share, 3)


def tidy(
    warehouse: Warehouse, ingests: Sequence[BegunIngest], waiting: Sequence[dict[str, object]]
) -> None:
    """Remove the records of committed ingests; a failure undoes nothing.

    The next start does it instead: it does not report an ingest again that is in the ledger.
    """
    for ingest in ingests:
        with after_commit("the record of the ingest is still there"):
            warehouse.place.end([ingest])
    with after_commit("rows that waited are still there"):
        warehouse.place.clear_waiting(waiting)


def _add_history(
    connection: duckdb.DuckDBPyConnection,
    sources: Sequence[StagedIngest],
    incoming: Sequence[VersionRange],
    plan: _CommitPlan,
    project: str,
) -> None:
    """Record label changes, and documents that mean the same as before, in tables and ledger rows."""
    if files := _globs(_files(sources, DOCUMENT_POINTERS.name)):
        connection.execute(statement("commit/staged_pointers"), {"files": files})
    # No other process makes a snapshot now: the lock prevents it, or the fence if one ignores the lock.
    snapshot_id = newest_snapshot(connection) + 1
    renumbered = add_history(connection, plan.changed, incoming, project=project, snapshot_id=snapshot_id)
    for row in plan.changed:
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
    sources: Sequence[StagedIngest],
    incoming: Sequence[VersionRange],
    plan: _CommitPlan,
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
    for row in plan.changed:
        row["issues"] = counts.get(row["ingest_id"], 0)


def _keys(sources: Sequence[StagedIngest]) -> tuple[int, int]:
    """Return the first and the last document key that the sources may have."""
    numbers = [source.ingest.ingest_number for source in sources]
    return min(numbers) << 32, (max(numbers) + 1 << 32) - 1


def _files(sources: Sequence[StagedIngest], table: str) -> list[Path]:
    return [Path(file.path) for file in _staged(sources, table)]


def _staged(sources: Sequence[StagedIngest], table: str) -> list[StagedFile]:
    return [file for source in sources for file in source.staged.files if file.table == table]


def _globs(paths: Sequence[Path]) -> list[str]:
    return [escape_glob(str(path)) for path in paths]
