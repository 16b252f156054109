"""Report what a warehouse holds."""

import os
from dataclasses import dataclass
from pathlib import Path

from labelhouse.lake.snapshot_connection import Connection
from labelhouse.places.finding import place_of
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
    place = place_of(folder)
    with open_snapshot(folder) as connection:
        files, size = place.sizes(connection)
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
            files=files,
            bytes=size,
            backups=place.backups(int(str(snapshot["snapshot_id"]))),
        )


def _rows(connection: Connection, name: str) -> StatusRows:
    result = connection.execute(statement(name))
    names = [column[0] for column in result.description or []]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
