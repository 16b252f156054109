"""Keep copies of the catalog: one after each change, the last few, and older ones thinned out.

A copy is one file in backups/, written once. Its name holds its number in the order of all copies, and its
newest snapshot. It also holds the time when it was made and the SHA-256 of its content. So neither a lost
list nor a crash separates a copy from the proof that it is whole:

    catalog-000012-s000034-20260131T020000Z-<sha256>.sqlite

The numbers give the order; the machine's clock only decides which copies of older days stay.
"""

import os
import re
import secrets
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from labelhouse.backups.restorations import pinned_copies
from labelhouse.files.durable_files import fsync_file, fsync_folder, write_durably
from labelhouse.lake.catalog_copy import copy_catalog, open_copy
from labelhouse.lake.checksums import file_checksum
from labelhouse.sql_library.statements import statement
from labelhouse.warehouse_layout import BACKUPS, CATALOG

KEPT_LAST = 3
KEPT_DAYS = 7
KEPT_WEEKS = 4
_NAME = re.compile(r"catalog-(\d{6,})-s(\d{6,})-(\d{8}T\d{6})Z-([0-9a-f]{64})\.sqlite", re.ASCII)
_TIME = "%Y%m%dT%H%M%S"
_PARTIAL = ".partial-"
_UNSEALED = "unsealed"


@dataclass(frozen=True, slots=True)
class Generation:
    """A copy of the catalog, as its name describes it."""

    path: Path
    number: int
    snapshot_id: int
    made_at: datetime
    digest: str


def generations(folder: Path) -> list[Generation]:
    """Return the copies of a warehouse's catalog, the newest last."""
    try:
        paths = list((folder / BACKUPS).iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []
    copies = [_generation(path, match) for path in paths if (match := _NAME.fullmatch(path.name))]
    return sorted(copies, key=lambda generation: generation.number)


def newest_generation(folder: Path) -> Generation | None:
    """Return the newest copy, or None."""
    copies = generations(folder)
    return copies[-1] if copies else None


def is_whole(generation: Generation) -> bool:
    """Return whether a copy is, byte by byte, what was written."""
    try:
        return file_checksum(generation.path)[1] == generation.digest
    except OSError:
        return False


def write_generation(folder: Path) -> Generation:
    """Copy the catalog as the next generation and remove expired ones; the caller holds the lock.

    The copy is whole, sound and on disk before it has its name. Raises OSError, sqlite3.Error or
    WarehouseError; then the older copies are as they were.
    """
    place = folder / BACKUPS
    place.mkdir(exist_ok=True)
    _sweep(place)
    copy = place / f"{_PARTIAL}{secrets.token_hex(8)}"
    try:
        copy_catalog(folder / CATALOG, copy, is_locked=True)
        snapshot_id = sound_snapshot(copy)
        _, digest = file_checksum(copy)
        fsync_file(copy)
        now = datetime.now(UTC)
        before = generations(folder)
        number = before[-1].number + 1 if before else 1
        name = f"catalog-{number:06d}-s{snapshot_id:06d}-{now:{_TIME}}Z-{digest}.sqlite"
        path = place / name
        os.replace(copy, path)
    finally:
        copy.unlink(missing_ok=True)
    fsync_folder(place)
    made = Generation(path, number, snapshot_id, now.replace(microsecond=0), digest)
    (place / _UNSEALED).unlink(missing_ok=True)
    for old in thinned_out([*before, made], pinned_copies(folder)):
        old.path.unlink(missing_ok=True)
    return made


def announce_change(folder: Path) -> None:
    """Record, until the next copy, that the catalog may differ from the newest copy of its snapshot."""
    (folder / BACKUPS).mkdir(exist_ok=True)
    write_durably(folder / BACKUPS / _UNSEALED, "")


def is_unsealed(folder: Path) -> bool:
    """Return whether a change was announced that no copy holds yet."""
    return (folder / BACKUPS / _UNSEALED).exists()


def sound_snapshot(catalog: Path) -> int:
    """Return the newest snapshot in a copy of a catalog; raises sqlite3.DatabaseError if unsound."""
    for said in unsound(catalog):
        raise sqlite3.DatabaseError(said)
    return snapshot_of_copy(catalog)


def unsound(catalog: Path) -> Iterator[str]:
    """Yield what SQLite finds wrong with a copy of a catalog: its pages, rows and every index."""
    try:
        with open_copy(catalog) as opened:
            for (said,) in opened.execute("pragma integrity_check").fetchall():
                if said != "ok":
                    yield " ".join(str(said).split())
    except sqlite3.DatabaseError as error:
        yield str(error)


def snapshot_of_copy(catalog: Path) -> int:
    """Return the newest snapshot in a copy of a catalog; raises sqlite3.DatabaseError if there is none."""
    with open_copy(catalog) as opened:
        return newest_snapshot_of(opened)


def newest_snapshot_of(opened: sqlite3.Connection) -> int:
    """Return the newest snapshot in a catalog that is open in SQLite."""
    [number] = opened.execute(statement("backups/newest_snapshot")).fetchone() or (None,)
    if not isinstance(number, int):
        raise sqlite3.DatabaseError("there is no snapshot in it")
    return number


def last_ingest_number_of(opened: sqlite3.Connection) -> int:
    """Return the highest number in the ledger of a catalog that is open in SQLite; 0 without any."""
    [number] = opened.execute(statement("backups/last_ingest_number")).fetchone() or (None,)
    return number or 0


def thinned_out(copies: Sequence[Generation], pinned: Iterable[int] = ()) -> list[Generation]:
    """Choose the copies to remove: not pinned, not among the last, not the last of their day or week."""
    kept = {*pinned, *(generation.number for generation in copies[-KEPT_LAST:])}
    for period, count in (("%Y-%m-%d", KEPT_DAYS), ("%G-%V", KEPT_WEEKS)):
        last = {f"{generation.made_at:{period}}": generation.number for generation in copies}
        kept |= set(sorted(last.values())[-count:])
    return [generation for generation in copies if generation.number not in kept]


def _generation(path: Path, match: re.Match[str]) -> Generation:
    number, snapshot_id, made_at, digest = match.groups()
    return Generation(path, int(number), int(snapshot_id), _moment(made_at), digest)


def _moment(text: str) -> datetime:
    try:
        return datetime.strptime(text, _TIME).replace(tzinfo=UTC)
    except ValueError:
        return datetime.fromtimestamp(0, UTC)


def _sweep(place: Path) -> None:
    """Remove the unfinished copies of killed calls."""
    for left in place.glob(f"{_PARTIAL}*"):
        left.unlink(missing_ok=True)
