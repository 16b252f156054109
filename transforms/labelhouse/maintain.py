"""Keep a warehouse small and fast: merge files, forget old snapshots, remove what nobody needs.

Each step holds the warehouse's lock and is one transaction or safe to repeat: killed anywhere, the
warehouse is sound, and the next maintenance goes on.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path

import duckdb

from labelhouse.attempts import run_folder
from labelhouse.checksums import append_checksums, checksum_entry, forget_checksums, record_checksums
from labelhouse.compaction import DataFile, Plan, plan
from labelhouse.durable import fsync_file, fsync_folder
from labelhouse.engine import (
    bound_memory,
    expire_snapshots,
    merge_files,
    remove_old_files,
    rewrite_files,
    set_commit_message,
)
from labelhouse.layout import apply_layout
from labelhouse.orphans import remove_orphans
from labelhouse.recovery import recover
from labelhouse.statements import statement
from labelhouse.warehouse import Warehouse, guarded, open_warehouse, require_warehouse

KEEP_DAYS = 30.0
GRACE_HOURS = 24.0
MEMORY_BYTES = 1 << 30

Progress = Callable[[str, int, int], None]
"""Is told the step that begins, how many are done, and how many there are."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to maintain: the options of `labelhouse maintain`."""

    keep_days: float = KEEP_DAYS
    grace_hours: float = GRACE_HOURS
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class TableWork:
    """What was done, or is to be done, to the files of a table in its newest snapshot.

    `rewritten` and `merged` count the files that were read for it; what a dry run does not know is null.
    """

    table: str
    rewritten: int
    merged: int
    files_before: int
    files_after: int | None
    bytes_before: int
    bytes_after: int | None


@dataclass(frozen=True, slots=True)
class Maintained:
    """What a maintenance did, or would do."""

    dry_run: bool
    snapshots_expired: int
    tables: list[TableWork]
    files_removed: int
    orphans_removed: int
    bytes_removed: int
    seconds: float


def maintain(
    folder: Path, options: Options = Options(), progress: Progress = lambda *_: None
) -> Maintained:
    """Merge small files, rewrite those with many deletions, expire snapshots, remove files and orphans.

    The lock is held for one step at a time, so that loads can go on between them. What is staged is
    left alone, and a file that a reader may still have in use stays for `grace_hours`. Memory is
    bounded by MEMORY_BYTES. Raises WarehouseError; then what had been done stays done.
    """
    folder = folder.absolute()
    require_warehouse(folder)
    started_at = datetime.now(UTC)
    with (
        open_warehouse(folder) as warehouse,
        guarded(folder),
        run_folder(warehouse.staging) as spill,
    ):
        bound_memory(warehouse.connection, MEMORY_BYTES, spill)
        if not options.dry_run:
            recover(warehouse)
            with warehouse.lock(), warehouse.transaction() as connection:
                apply_layout(connection)
        steps = _Steps(progress, 3 + len(_plans(warehouse.connection)))
        steps.begin("expiring snapshots")
        oldest_kept = started_at - timedelta(days=options.keep_days)
        expired = _expire(warehouse, oldest_kept, dry_run=options.dry_run)
        tables = _compact(warehouse, steps, dry_run=options.dry_run)
        last_used = datetime.now(UTC) - timedelta(hours=options.grace_hours)
        steps.begin("removing files")
        old, old_bytes = _remove(warehouse, _remove_old, last_used, dry_run=options.dry_run)
        steps.begin("removing orphans")
        orphans, orphan_bytes = _remove(warehouse, remove_orphans, last_used, dry_run=options.dry_run)
        if not options.dry_run:
            with warehouse.lock():
                record_checksums(folder, warehouse.connection)
                forget_checksums(folder, warehouse.connection)
        steps.end()
    return Maintained(
        dry_run=options.dry_run,
        snapshots_expired=expired,
        tables=tables,
        files_removed=old,
        orphans_removed=orphans,
        bytes_removed=old_bytes + orphan_bytes,
        seconds=round((datetime.now(UTC) - started_at).total_seconds(), 3),
    )


class _Steps:
    """Count the steps for whoever watches."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress = progress
        self._total = total
        self._done = 0

    def begin(self, what: str) -> None:
        self._progress(what, min(self._done, self._total), self._total)
        self._done += 1

    def end(self) -> None:
        self._progress("done", self._total, self._total)


def _plans(connection: duckdb.DuckDBPyConnection) -> dict[str, Plan]:
    """Plan every table that has files in the newest snapshot."""
    files = [DataFile(*row) for row in connection.execute(statement("maintain/data_files")).fetchall()]
    return {table: plan(table, list(members)) for table, members in groupby(files, lambda f: f.table)}


def _expire(warehouse: Warehouse, oldest_kept: datetime, *, dry_run: bool) -> int:
    with warehouse.lock():
        parameters = {"older_than": oldest_kept}
        found = warehouse.connection.execute(statement("maintain/old_snapshots"), parameters).fetchall()
        if found and not dry_run:
            expire_snapshots(warehouse.connection, [number for (number,) in found])
        return len(found)


def _compact(warehouse: Warehouse, steps: _Steps, *, dry_run: bool) -> list[TableWork]:
    """Rewrite and merge the files of each table; leave out tables of which no file was touched."""
    found = []
    for table in _plans(warehouse.connection):
        steps.begin(f"merging {table}")
        with warehouse.lock():
            # Planned anew: a load may have gone between.
            todo = _plans(warehouse.connection).get(table)
            if todo is None or not (todo.rewrite or todo.merge):
                continue
            found.append(_planned(todo) if dry_run else _done(warehouse, todo))
    return found


def _planned(todo: Plan) -> TableWork:
    return TableWork(todo.table, todo.rewrite, todo.merge, todo.files, None, todo.bytes, None)


def _done(warehouse: Warehouse, todo: Plan) -> TableWork:
    table = todo.table
    rewritten = merged = 0
    if todo.rewrite:
        rewritten = _write(warehouse, table, "rewrite", lambda c: rewrite_files(c, table, todo.threshold))
    if todo.merge:
        merged = _write(warehouse, table, "merge", lambda c: merge_files(c, table))
    left = _plans(warehouse.connection).get(table)
    files, size = (left.files, left.bytes) if left else (0, 0)
    return TableWork(table, rewritten, merged, todo.files, files, todo.bytes, size)


def _write(
    warehouse: Warehouse, table: str, what: str, work: Callable[[duckdb.DuckDBPyConnection], int]
) -> int:
    """Have DuckLake write files of a table in one transaction; return how many it read for it.

    They are on disk and hashed before they are anybody's data; after a crash they are orphans.
    """
    folder = warehouse.data_folder(table)
    known = set(folder.glob("*.parquet"))
    with warehouse.transaction() as connection:
        files = work(connection)
        set_commit_message(connection, f"maintain: {what} {table}", {"files": files})
        written = sorted(set(folder.glob("*.parquet")) - known)
        for path in written:
            fsync_file(path)
        if written:
            fsync_folder(folder)
        append_checksums(warehouse.folder, (checksum_entry(warehouse.folder, path) for path in written))
    fsync_folder(warehouse.folder)
    return files


def _remove_old(
    connection: duckdb.DuckDBPyConnection, _: Path, last_used: datetime, *, dry_run: bool
) -> list[Path]:
    """Remove files that no snapshot has needed since `last_used`, or since its day began."""
    [released_at] = connection.execute(statement("maintain/last_released")).fetchone() or [None]
    if released_at is None:
        return []
    if released_at <= last_used:
        return remove_old_files(connection, None, dry_run=dry_run)
    day = last_used.replace(hour=0, minute=0, second=0, microsecond=0)
    return remove_old_files(connection, day - timedelta(microseconds=1), dry_run=dry_run)


def _remove(
    warehouse: Warehouse, remove: Callable[..., list[Path]], last_used: datetime, *, dry_run: bool
) -> tuple[int, int]:
    """Remove files of one kind; return how many there were, and their bytes."""
    with warehouse.lock():
        paths = remove(warehouse.connection, warehouse.folder, last_used, dry_run=True)
        size = sum(path.stat().st_size for path in paths if path.is_file())
        if paths and not dry_run:
            remove(warehouse.connection, warehouse.folder, last_used, dry_run=False)
        return len(paths), size
