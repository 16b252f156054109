"""Replace a catalog that is lost, damaged or older than the data with a copy of it.

Restoring removes nothing. It moves the present catalog aside, and files of commits that the copy does
not know stay where they are. After a kill at any point, a second run completes the restoration.
"""

import os
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from labelhouse.backups.generations import (
    Generation,
    generations,
    is_whole,
    last_ingest_number_of,
    snapshot_of_copy,
    unsound,
    write_generation,
)
from labelhouse.backups.lost_catalog import catalog_problem, changed_tables, has_traces, older_than
from labelhouse.backups.lost_files import unknown_files
from labelhouse.backups.restorations import Restoration, accepted_files, accepted_ingest_number, remember
from labelhouse.errors import UsageError, WarehouseError
from labelhouse.files.durable_files import fsync_file, fsync_folder, writing
from labelhouse.lake.catalog_copy import copied, open_copy
from labelhouse.lake.catalog_files import known_names, live_names
from labelhouse.lake.data_files import data_files, highest_ingest_number, ingest_of
from labelhouse.lake.engine import attach_copy, connect_engine, data_of
from labelhouse.places.finding import place_of
from labelhouse.printable import printable
from labelhouse.reason_codes import ReasonCode
from labelhouse.results import Result
from labelhouse.staging.pending_ingests import last_begun_number
from labelhouse.warehouse.guarding import guarded
from labelhouse.warehouse.ledger import known_ingests
from labelhouse.warehouse.warehouse import Warehouse
from labelhouse.warehouse_layout import CATALOG, DATA, STAGING

_LOGS = ("-wal", "-shm", "-journal")
_LEDGER = ("ingest_id", "project", "source", "status")


@dataclass(frozen=True, slots=True)
class LostIngest:
    """A load that the restored catalog does not know; project and source are null if no file names them."""

    ingest_id: str
    project: str | None
    source: str | None


@dataclass(frozen=True, slots=True)
class RestoreResult(Result):
    """What was restored, or accepted, and what it lacks."""

    generation: str | None
    """Name of the copy; null if the present catalog was accepted."""
    snapshot_id: int
    moved_to: str | None
    """Where the replaced catalog is now; null if there was none."""
    lost_ingests: list[LostIngest]
    """Loads that have to be repeated."""
    lost_files: int
    """Count of files in data/ of commits that the catalog does not know."""
    missing_files: list[str]
    """Files that the newest state needs and that are missing."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A copy as `labelhouse restore --list` shows it."""

    generation: int
    snapshot_id: int
    made_at: datetime
    bytes: int
    is_good: bool
    missing_files: int


def listed(folder: Path) -> list[Listed]:
    """Return the copies of a warehouse's catalog, the newest last."""
    folder = folder.absolute()
    _require_traces(folder)
    return [
        Listed(
            generation.number,
            generation.snapshot_id,
            generation.made_at,
            generation.path.stat().st_size,
            is_good := _is_good(generation),
            len(_missing(folder, generation.path)) if is_good else 0,
        )
        for generation in generations(folder)
    ]


def restore(
    folder: Path, *, generation: int | None = None, force: bool = False, accept: bool = False
) -> RestoreResult:
    """Restore the newest good copy, or the copy of a given number; with `accept` keep the present catalog.

    After that, what the catalog lacks is given up: it is no longer reported as lost. Raises UsageError if
    the present catalog is good and neither a generation nor `force` is given. Raises it also if a chosen
    generation needs files that are missing. Raises WarehouseError if there is no good copy. After an error
    nothing has changed.
    """
    place = place_of(folder)
    folder = place.require_folder("restore")
    _require_traces(folder)
    with (
        closing(connect_engine()) as connection,
        guarded(folder),
        writing("the catalog"),
        Warehouse(place, connection).lock(seals=False),
    ):
        problem = _problem(folder)
        if accept:
            return _accept(folder, problem)
        if problem is None and generation is None and not force:
            raise UsageError(
                ReasonCode.USAGE,
                "the catalog is good: there is nothing to restore",
                where=str(folder / CATALOG),
                remedy="--generation N puts an older copy back, --list shows them",
            )
        chosen = _chosen(folder, generation, force=force)
        newest = generations(folder)[-1]
        _remember(folder, chosen.path, chosen.snapshot_id)
        moved_to = _put_back(folder, chosen.path)
        if chosen != newest:
            write_generation(folder)
        return _told(folder, chosen.path.name, chosen.snapshot_id, moved_to, newest.number)


def restored_lines(result: RestoreResult) -> Iterator[str]:
    """Yield the lines for a person on what was restored and what it lacks."""
    what = f"{result.generation} is the catalog now" if result.generation else "the catalog is accepted"
    moved = f"; the one before is {result.moved_to}" if result.moved_to else ""
    yield f"{what}: snapshot {result.snapshot_id}{moved}"
    if result.lost_ingests:
        yield f"it does not know {len(result.lost_ingests):,} loads; load their sources again:"
        for lost in result.lost_ingests:
            source = f"  {lost.project}  {lost.source}" if lost.source else ""
            yield printable(f"  {lost.ingest_id}{source}")
    if result.lost_files:
        yield f"{result.lost_files:,} files that it does not know stay in {DATA}/"
    if result.missing_files:
        count = len(result.missing_files)
        yield f"{count:,} files that it needs are not there; labelhouse verify names them"


def _require_traces(folder: Path) -> None:
    if not has_traces(folder) and catalog_problem(folder):
        raise WarehouseError(
            ReasonCode.WAREHOUSE_MISSING,
            "no warehouse here, and no copies of its catalog",
            where=str(folder),
            remedy="give the warehouse with --warehouse DIR",
        )


def _problem(folder: Path) -> str | None:
    """Return why the present catalog is not the right one; None if it is good."""
    if problem := catalog_problem(folder):
        return problem
    try:
        with copied(folder) as copy:
            for said in unsound(copy):
                return said
            if older := older_than(folder, copy, last_begun_number(folder / STAGING)):
                return older
            if changed := changed_tables(folder, copy):
                return f"other rows than were written in {', '.join(changed)}"
    except WarehouseError as error:
        if error.retryable:
            raise
        return error.what
    except sqlite3.Error as error:
        return str(error)
    return None


def _accept(folder: Path, problem: str | None) -> RestoreResult:
    with copied(folder) as copy:
        for said in unsound(copy):
            raise UsageError(
                ReasonCode.USAGE,
                f"the catalog cannot be accepted ({said})",
                where=str(folder / CATALOG),
                remedy="run: labelhouse restore",
            )
        snapshot_id = snapshot_of_copy(copy)
        _remember(folder, copy, snapshot_id)
    newest = write_generation(folder)
    return _told(folder, None, snapshot_id, None, newest.number - 1)


def _chosen(folder: Path, number: int | None, *, force: bool) -> Generation:
    copies = generations(folder)
    if number is None:
        for generation in reversed(copies):
            if _is_good(generation):
                return generation
        raise WarehouseError(
            ReasonCode.CATALOG_LOST,
            "there is no good copy of the catalog",
            where=str(folder),
            remedy="put a catalog of your own backups in its place and run: labelhouse restore --accept; "
            "else load all exports into a new folder",
        )
    for generation in copies:
        if generation.number == number:
            if not _is_good(generation):
                raise _refused(folder, f"copy {number} is damaged", "choose another, --list shows them")
            missing = _missing(folder, generation.path)
            if missing and not force:
                what = f"copy {number} needs {len(missing):,} files that no longer exist"
                raise _refused(folder, what, "choose another, or add --force")
            return generation
    raise _refused(folder, f"there is no copy {number}", "--list shows them")


def _refused(folder: Path, what: str, remedy: str) -> UsageError:
    return UsageError(ReasonCode.USAGE, what, where=str(folder), remedy=remedy)


def _is_good(generation: Generation) -> bool:
    return is_whole(generation) and not list(unsound(generation.path))


def _missing(folder: Path, catalog: Path) -> list[str]:
    """Return the names of files that the newest state in a catalog needs and that are missing."""
    return sorted(live_names(catalog) - {file.name for file in data_files(folder)})


def _remember(folder: Path, catalog: Path, snapshot_id: int) -> None:
    """Give up what a catalog does not know, before it is in place; ingest numbers continue after it."""
    unknown = [file.name for file in unknown_files(folder, known_names(catalog))]
    copies = generations(folder)
    numbers = [_ledger_number(copy.path) for copy in copies]
    number = max(
        highest_ingest_number(folder),
        accepted_ingest_number(folder),
        last_begun_number(folder / STAGING),
        *numbers,
    )
    newest_copy = copies[-1].number if copies else 0
    remember(folder, Restoration(datetime.now(UTC), snapshot_id, number, newest_copy, unknown))


def _ledger_number(catalog: Path) -> int:
    try:
        with open_copy(catalog) as opened:
            return last_ingest_number_of(opened)
    except sqlite3.Error:
        return 0


def _put_back(folder: Path, copy: Path) -> str | None:
    """Move the catalog and its logs aside, put a copy in its place; return the old catalog's new name."""
    fresh = folder / f"{CATALOG}.restoring"
    shutil.copyfile(copy, fresh)
    fsync_file(fresh)
    moved_to = None
    aside = f"{CATALOG}.lost-{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}"
    for suffix in ("", *_LOGS):
        path = folder / f"{CATALOG}{suffix}"
        if os.path.lexists(path):
            path.rename(folder / f"{aside}{suffix}")
            moved_to = aside
    # No log of the old catalog is left beside it. SQLite would take one for the new catalog's log.
    fsync_folder(folder)
    fresh.rename(folder / CATALOG)
    fsync_folder(folder)
    return moved_to


def _told(
    folder: Path, generation: str | None, snapshot_id: int, moved_to: str | None, newest_copy: int
) -> RestoreResult:
    """Report what the catalog lacks, without what an earlier restoration gave up."""
    with copied(folder) as copy:
        missing = _missing(folder, copy)
        known = known_names(copy) | accepted_files(folder, before_copy=newest_copy)
        files = [file for file in data_files(folder) if file.name not in known]
        lost = _lost_ingests(folder, copy, files)
    return RestoreResult(generation, snapshot_id, moved_to, lost, len(files), missing)


def _lost_ingests(folder: Path, copy: Path, files: Sequence[Path]) -> list[LostIngest]:
    """Return the loads in file names or ledger rows of these files that the copy does not know."""
    ids = {ingest_id for file in files if (ingest_id := ingest_of(file.name))}
    ingests = {ingest_id: LostIngest(ingest_id, None, None) for ingest_id in ids}
    for row in _ledger_rows(file for file in files if file.parent.name == "ingests"):
        if row["status"] == "committed":
            ingest_id = str(row["ingest_id"])
            ingests[ingest_id] = LostIngest(ingest_id, str(row["project"]), str(row["source"]))
    with closing(connect_engine()) as connection:
        attach_copy(connection, folder, data_of(folder), copy)
        known = known_ingests(connection, list(ingests))
    return [lost for ingest_id, lost in sorted(ingests.items()) if ingest_id not in known]


def _ledger_rows(files: Iterator[Path]) -> Iterator[dict[str, object]]:
    for file in files:
        try:
            yield from pq.read_table(file, columns=list(_LEDGER)).to_pylist()
        except (pa.ArrowException, OSError, ValueError, KeyError):
            # A file of deleted positions, or one that a killed process left incomplete.
            continue
