"""Report what a warehouse holds."""

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from labelhouse.backups.generations import generations
from labelhouse.lake.snapshot_connection import Connection
from labelhouse.results import Result
from labelhouse.sql_library.statements import statement
from labelhouse.warehouse.snapshots import open_snapshot

StatusRows = list[dict[str, object]]


@dataclass(frozen=True, slots=True)
class StatusResult(Result):
    """What a warehouse holds: projects, rows of every table, last ingests, newest snapshot, size."""

    warehouse: str
    snapshot: dict[str, object]
    projects: StatusRows
    tables: dict[str, int]
    last_ingests: StatusRows
    files: int
    bytes: int
    backups: dict[str, object]
    """Copies of the catalog: their count, the newest one's snapshot and time, and any fault, or null."""


def status(warehouse: str | os.PathLike[str]) -> StatusResult:
    """Read the status; raises WarehouseError if the folder holds no warehouse."""
    folder = Path(warehouse)
    with open_snapshot(folder) as connection:
        sizes = list(_sizes(folder / "data"))
        [snapshot] = _rows(connection, "querying/last_snapshot")
        return StatusResult(
            warehouse=str(folder),
            snapshot=snapshot,
            projects=_rows(connection, "querying/held_projects"),
            tables={
                str(row["table_name"]): int(str(row["rows"]))
                for row in _rows(connection, "querying/table_counts")
            },
            last_ingests=_rows(connection, "querying/last_ingests"),
            files=len(sizes),
            bytes=sum(sizes) + (folder / "catalog.sqlite").stat().st_size,
            backups=_backups(folder, int(str(snapshot["snapshot_id"]))),
        )


def _backups(folder: Path, snapshot_id: int) -> dict[str, object]:
    copies = generations(folder)
    newest = copies[-1] if copies else None
    problem = None
    if newest is None or newest.snapshot_id < snapshot_id:
        problem = "the newest state has no copy; the next command that writes makes one"
    elif newest.snapshot_id > snapshot_id:
        problem = "the catalog is older than its newest copy; run: labelhouse restore"
    return {
        "copies": len(copies),
        "snapshot_id": newest.snapshot_id if newest else None,
        "made_at": newest.made_at if newest else None,
        "problem": problem,
    }


def _sizes(data: Path) -> Iterator[int]:
    for path in data.rglob("*.parquet"):
        # A maintenance may remove the file meanwhile.
        with suppress(FileNotFoundError):
            yield path.stat().st_size


def _rows(connection: Connection, name: str) -> StatusRows:
    result = connection.execute(statement(name))
    names = [column[0] for column in result.description or []]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
