"""Record what was given up when a catalog was put back: one JSON object a line in backups/.

A restored catalog does not know the files of the commits after it. Labelhouse does not report these files
as lost again, and keeps them for a while before it removes them. It does not use their ingests' numbers
again.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from labelhouse.files.durable_files import write_durably
from labelhouse.warehouse_layout import BACKUPS

PINNED = timedelta(days=30)
_FILE = "restored.jsonl"


@dataclass(frozen=True, slots=True)
class Restoration:
    """A catalog that was put back or accepted, the files it does not know, the highest ingest number."""

    at: datetime
    snapshot_id: int
    ingest_number: int
    newest_copy: int
    """Number of the newest copy at that time; it holds the state that was left, if any copy does."""
    files: Sequence[str]


def restorations(folder: Path) -> list[Restoration]:
    """Return all restorations of a warehouse, the last one at the end."""
    try:
        lines = (folder / BACKUPS / _FILE).read_text(encoding="utf-8", errors="replace").split("\n")
    except (FileNotFoundError, NotADirectoryError):
        return []
    return [restoration for line in lines if (restoration := _read(line))]


def accepted_ingest_number(folder: Path) -> int:
    """Return the highest number of an ingest that may have been given up."""
    return max((restoration.ingest_number for restoration in restorations(folder)), default=0)


def accepted_files(
    folder: Path, *, since: datetime | None = None, before_copy: int | None = None
) -> set[str]:
    """Return the names of given-up files: all, or those since a moment, or before a copy was made."""
    return {
        name
        for restoration in restorations(folder)
        if (since is None or restoration.at >= since)
        and (before_copy is None or restoration.newest_copy < before_copy)
        for name in restoration.files
    }


def pinned_copies(folder: Path) -> set[int]:
    """Return the numbers of the copies of states left lately: the user may want them back."""
    since = datetime.now(UTC) - PINNED
    return {restoration.newest_copy for restoration in restorations(folder) if restoration.at >= since}


def remember(folder: Path, restoration: Restoration) -> None:
    """Record one more restoration, durably; the caller holds the lock."""
    (folder / BACKUPS).mkdir(exist_ok=True)
    lines = [_line(known) for known in (*restorations(folder), restoration)]
    write_durably(folder / BACKUPS / _FILE, "".join(f"{line}\n" for line in lines))


def _line(restoration: Restoration) -> str:
    return json.dumps(
        {
            "at": restoration.at.isoformat(),
            "snapshot_id": restoration.snapshot_id,
            "ingest_number": restoration.ingest_number,
            "newest_copy": restoration.newest_copy,
            "files": list(restoration.files),
        }
    )


def _read(line: str) -> Restoration | None:
    try:
        said = json.loads(line)
        at = datetime.fromisoformat(said["at"])
        files = [str(name) for name in said["files"]]
        return Restoration(
            at if at.tzinfo else at.replace(tzinfo=UTC),
            int(said["snapshot_id"]),
            int(said["ingest_number"]),
            int(said["newest_copy"]),
            files,
        )
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
