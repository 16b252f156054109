"""Keep a warehouse small and fast: merge files, expire old snapshots, remove files without a use.

Each step holds the warehouse's lock. A step is one transaction, or safe to repeat. After a kill at any
point the warehouse is sound, and the next maintenance goes on.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path

import duckdb

from labelhouse.defaults import GRACE_HOURS, KEEP_DAYS
from labelhouse.errors import WarehouseError
from labelhouse.lake.engine import expire_snapshots, remove_old_files
from labelhouse.lake.file_layout import apply_layout, is_applied
from labelhouse.lake.memory import MAINTENANCE_BYTES, bound_memory
from labelhouse.maintenance.compaction import DataFile, files_to_write_anew, files_with_deletions
from labelhouse.maintenance.orphans import foreign_files, orphans_of
from labelhouse.places.finding import place_of
from labelhouse.reason_codes import ReasonCode
from labelhouse.results import Result
from labelhouse.sql_library.statements import statement, statement_on
from labelhouse.sql_quoting import quote_literal
from labelhouse.warehouse.change import change
from labelhouse.warehouse.guarding import guarded
from labelhouse.warehouse.opening import open_warehouse
from labelhouse.warehouse.recovery import recover
from labelhouse.warehouse.warehouse import Warehouse

MaintainProgress = Callable[[str, int, int], None]
"""Receives the step that begins, how many steps are done, and how many there are."""


@dataclass(frozen=True, slots=True)
class MaintainOptions:
    """How to maintain: the options of `labelhouse maintain`."""

    keep_days: float = KEEP_DAYS
    grace_hours: float = GRACE_HOURS
    dry_run: bool = False
    rewrites_all_deletions: bool = False
    """Whether no file may hold a deleted row, at whatever cost."""


@dataclass(frozen=True, slots=True)
class TableWork:
    """What maintenance did, or would do, to the files of a table in its newest snapshot.

    `rewritten` counts the files whose rows went into new ones. Values that a dry run cannot know are null.
    """

    table: str
    rewritten: int
    files_before: int
    files_after: int | None
    bytes_before: int
    bytes_after: int | None


@dataclass(frozen=True, slots=True)
class MaintainResult(Result):
    """What a maintenance did, or would do."""

    dry_run: bool
    snapshots_expired: int
    tables: list[TableWork]
    files_removed: int
    orphans_removed: int
    bytes_removed: int
    foreign_files: list[str]
    """Files that Labelhouse did not write, as paths below data/. They stay."""
    seconds: float


def maintain(
    folder: Path, options: MaintainOptions = MaintainOptions(), progress: MaintainProgress = lambda *_: None
) -> MaintainResult:
    """Merge small files, rewrite those with many deletions, expire snapshots, remove files and orphans.

    Maintenance holds the lock for one step at a time, so that loads can go on between the steps. It does
    not touch staged files. Readers whose transaction is younger than `grace_hours` keep their snapshot and
    its files. States of the last `keep_days` stay readable. lake/memory.py bounds the memory. Raises
    WarehouseError; the steps that were complete by then stay done.
    """
    place = place_of(folder)
    place.require_warehouse()
    began = time.monotonic()
    with (
        open_warehouse(place.address) as warehouse,
        guarded(place.address),
        place.run_folder(warehouse.lock()) as spill,
    ):
        started_at = place.now()
        bound_memory(warehouse.connection, MAINTENANCE_BYTES, spill)
        if not options.dry_run:
            recover(warehouse)
            with warehouse.lock():
                if not is_applied(warehouse.connection):
                    warehouse.announce_change()
                    with change(warehouse, "layout of files set", {}) as opened:
                        apply_layout(opened.connection)
        steps = _Steps(progress, 3 + len(_files(warehouse.connection)))
        steps.begin("expiring snapshots")
        # A reader's transaction whose snapshot has expired would find empty tables, with no error.
        kept = max(timedelta(days=options.keep_days), timedelta(hours=options.grace_hours))
        expired = _expire(warehouse, started_at - kept, dry_run=options.dry_run)
        tables = _compact(warehouse, steps, spill, options)
        last_used = place.now() - timedelta(hours=options.grace_hours)
        steps.begin("removing files")
        old, old_bytes = _remove_old(warehouse, last_used, dry_run=options.dry_run)
        steps.begin("removing orphans")
        orphans, orphan_bytes = _remove_orphans(
            warehouse, last_used, started_at - kept, dry_run=options.dry_run
        )
        with warehouse.lock():
            foreign = sorted(foreign_files(warehouse.connection, place))
            if not options.dry_run:
                place.forget_checksums(warehouse.connection)
        steps.end()
    return MaintainResult(
        dry_run=options.dry_run,
        snapshots_expired=expired,
        tables=tables,
        files_removed=old,
        orphans_removed=orphans,
        bytes_removed=old_bytes + orphan_bytes,
        foreign_files=foreign,
        seconds=round(time.monotonic() - began, 3),
    )


class _Steps:
    """Report the steps to the progress callback."""

    def __init__(self, progress: MaintainProgress, total: int) -> None:
        self._progress = progress
        self._total = total
        self._done = 0

    def begin(self, what: str) -> None:
        self._progress(what, min(self._done, self._total), self._total)
        self._done += 1

    def end(self) -> None:
        self._progress("done", self._total, self._total)


def _files(connection: duckdb.DuckDBPyConnection) -> dict[str, list[DataFile]]:
    """Return the data files of the newest snapshot by table."""
    files = [DataFile(*row) for row in connection.execute(statement("maintenance/data_files")).fetchall()]
    return {table: list(members) for table, members in groupby(files, lambda file: file.table)}


def _expire(warehouse: Warehouse, replaced_before: datetime, *, dry_run: bool) -> int:
    with warehouse.lock():
        parameters = {"replaced_before": replaced_before}
        rows = warehouse.connection.execute(statement("maintenance/old_snapshots"), parameters).fetchall()
        if rows and not dry_run:
            warehouse.announce_change()
            expire_snapshots(warehouse.connection, [number for (number,) in rows])
        return len(rows)


def _compact(warehouse: Warehouse, steps: _Steps, run: Path, options: MaintainOptions) -> list[TableWork]:
    """Rewrite files of each table where it pays; return the tables that changed or would change."""
    choose = files_with_deletions if options.rewrites_all_deletions else files_to_write_anew
    tables = []
    for table, before in _files(warehouse.connection).items():
        steps.begin(f"merging {table}")
        size = sum(file.bytes for file in before)
        if options.dry_run:
            if todo := choose(before):
                tables.append(TableWork(table, len(todo), len(before), None, size, None))
            continue
        written = 0
        while files := _write_anew(warehouse, table, run, choose):
            written += files
        if written:
            after = _files(warehouse.connection).get(table, [])
            after_bytes = sum(file.bytes for file in after)
            tables.append(TableWork(table, written, len(before), len(after), size, after_bytes))
    return tables


def _write_anew(
    warehouse: Warehouse, table: str, run: Path, choose: Callable[[Sequence[DataFile]], list[DataFile]]
) -> int:
    """Rewrite the chosen files of a table in one transaction; return how many files were rewritten.

    DuckLake's own merge does not fit: it takes rows out of the catalog that a reader's open transaction
    needs. The reader then finds fewer rows, with no error. The new files are on disk and hashed before they
    become data. After a crash the next start removes them, by their names in the folder of this run.
    """
    with warehouse.lock():
        files = choose(_files(warehouse.connection).get(table, []))
        if not files:
            return 0
        place = warehouse.place
        known = place.written_files(table)
        # Raising the fence would leave files that the next maintenance merges, for ever. DuckLake itself
        # refuses the second of two transactions that remove rows of one file.
        with change(warehouse, f"maintain {table}", {"files": len(files)}, raises_fence=False) as opened:
            connection = opened.connection
            paths = [quote_literal(place.data + file.path) for file in files]
            copied, removed = (
                _rows(connection, name, table, paths)
                for name in ("maintenance/copy_rows", "maintenance/remove_rows")
            )
            if copied != removed:
                raise WarehouseError(
                    ReasonCode.WAREHOUSE_DAMAGED,
                    f"{copied:,} rows of {table} were copied but {removed:,} removed, so nothing was done",
                    where=str(warehouse.address),
                    remedy="run: labelhouse verify",
                )
            written = sorted(place.written_files(table) - known)
            opened.moved += written
            place.keep_written(run, written)
        return len(files)


def _rows(connection: duckdb.DuckDBPyConnection, name: str, table: str, paths: Sequence[str]) -> int:
    """Run a statement on some files of a table; return how many rows it copied or removed."""
    sql = statement_on(table, name, files=", ".join(paths))
    [rows] = connection.execute(sql).fetchone() or [0]
    return int(rows)


def _remove_old(warehouse: Warehouse, last_used: datetime, *, dry_run: bool) -> tuple[int, int]:
    """Remove files that no snapshot has needed since `last_used`, or since the start of that day.

    Returns how many there were, and their bytes.
    """
    connection = warehouse.connection
    with warehouse.lock():
        [released_at] = connection.execute(statement("maintenance/last_released")).fetchone() or [None]
        if released_at is None:
            return 0, 0
        day = last_used.replace(hour=0, minute=0, second=0, microsecond=0)
        older_than = None if released_at <= last_used else day - timedelta(microseconds=1)
        names = remove_old_files(connection, older_than, dry_run=True)
        size = warehouse.place.bytes_of(names)
        if names and not dry_run:
            warehouse.announce_change()
            remove_old_files(connection, older_than, dry_run=False)
        return len(names), size


def _remove_orphans(
    warehouse: Warehouse, last_used: datetime, restored_before: datetime, *, dry_run: bool
) -> tuple[int, int]:
    """Remove orphans that were written before `last_used`; return how many there were, and their bytes."""
    place = warehouse.place
    with warehouse.lock():
        orphans = orphans_of(warehouse.connection, place, last_used, restored_before=restored_before)
        if orphans and not dry_run:
            warehouse.announce_change()
            place.remove([file.key for file in orphans])
        return len(orphans), sum(file.bytes for file in orphans)
