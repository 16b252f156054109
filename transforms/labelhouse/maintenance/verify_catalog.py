"""Check the catalog itself: that it is sound, unchanged and the newest one, and that its copies exist.

No check holds the lock. A finding that a concurrent commit can explain is checked again before it is
reported.
"""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from labelhouse.backups.generations import (
    Generation,
    generations,
    is_whole,
    newest_generation,
    snapshot_of_copy,
    unsound,
)
from labelhouse.backups.lost_catalog import changed_tables, older_than
from labelhouse.backups.lost_files import unknown_files
from labelhouse.backups.restorations import accepted_files
from labelhouse.errors import WarehouseError
from labelhouse.lake.catalog_copy import copy_catalog
from labelhouse.lake.catalog_files import known_names
from labelhouse.lake.data_files import data_files
from labelhouse.maintenance.findings import Finding
from labelhouse.staging.pending_ingests import last_begun_number
from labelhouse.warehouse_layout import BACKUPS, CATALOG, DATA

RESTORE = "labelhouse restore puts a copy back"
_TRIES = 3


@dataclass(frozen=True, slots=True)
class CatalogState:
    """The findings about the catalog, and its newest copy from before the reading."""

    findings: list[Finding]
    sealed: Generation | None
    is_readable: bool
    """Whether SQLite can read all of it."""


def catalog_state(folder: Path, spill: Path) -> CatalogState:
    """Check the catalog by a copy of it below `spill`; raises WarehouseError if it cannot be copied."""
    for _ in range(_TRIES):
        sealed = newest_generation(folder)
        copy = fresh_copy(folder, spill)
        if broken := [Finding("catalog", CATALOG, f"{what}; {RESTORE}") for what in unsound(copy)]:
            return CatalogState(broken, sealed, is_readable=False)
        is_readable = True
        try:
            findings = list(_changes(folder, copy))
        except (WarehouseError, sqlite3.Error) as error:
            is_readable = False
            what = error.what if isinstance(error, WarehouseError) else str(error)
            findings = [Finding("catalog", CATALOG, f"{what}; {RESTORE}")]
        # A commit may have come between the two readings.
        if not findings or sealed == newest_generation(folder):
            break
    return CatalogState(findings, sealed, is_readable=is_readable)


def fresh_copy(folder: Path, spill: Path) -> Path:
    """Return a copy of the catalog as it is now."""
    copy = spill / "verified.sqlite"
    copy.unlink(missing_ok=True)
    copy_catalog(folder / CATALOG, copy)
    return copy


def unknown_file_findings(folder: Path, spill: Path) -> Iterator[Finding]:
    """Find files of commits that the catalog does not know."""
    unknown = unknown_files(folder, known_names(fresh_copy(folder, spill)))
    known = known_names(fresh_copy(folder, spill)) if unknown else set()
    for file in unknown:
        if file.name not in known and file.exists():
            path = file.relative_to(folder / DATA).as_posix()
            yield Finding("unknown", path, "the catalog does not know it, but it was committed")


def copy_findings(folder: Path, snapshot_id: int) -> Iterator[Finding]:
    """Find damaged copies, and commits without a copy; a killed process explains one such commit."""
    for generation in generations(folder):
        if not is_whole(generation) and generation.path.exists():
            yield Finding("backup", f"{BACKUPS}/{generation.path.name}", "the copy is not what was written")
    newest = newest_generation(folder)
    copied = newest.snapshot_id if newest else 0
    if copied < snapshot_id - 1:
        yield Finding("backup", BACKUPS, unsealed_note(newest, snapshot_id))


def notes(folder: Path, snapshot_id: int) -> Iterator[str]:
    """Yield notes that are good to know but are not damage."""
    newest = newest_generation(folder)
    if (newest.snapshot_id if newest else 0) == snapshot_id - 1:
        yield f"{BACKUPS}: {unsealed_note(newest, snapshot_id)}"
    given_up = accepted_files(folder)
    if given_up and (left := sum(file.name in given_up for file in data_files(folder))):
        yield (
            f"{left:,} files in {DATA}/ are of commits that were given up when a catalog was restored; "
            "maintenance removes them after the days of its --keep"
        )


def unsealed_note(newest: Generation | None, snapshot_id: int) -> str:
    """Report that the newest snapshots have no copy."""
    have = f"the newest copy of the catalog has snapshot {newest.snapshot_id}" if newest else "no copy"
    return f"{have}, the catalog {snapshot_id}; the next command that writes makes one"


def _changes(folder: Path, copy: Path) -> Iterator[Finding]:
    if older := older_than(folder, copy, last_begun_number(folder / "staging")):
        yield Finding("catalog", CATALOG, f"{older}; {RESTORE}")
    for table in changed_tables(folder, copy):
        what = f"the rows of {table} are not those that were written"
        yield Finding("catalog", CATALOG, f"{what} (snapshot {snapshot_of_copy(copy)}); {RESTORE}")
