"""Publish a warehouse as one file that BI tools read while the pipeline writes."""

import os
import shutil
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import duckdb

from labelhouse.codes import Code
from labelhouse.durable import fsync_file
from labelhouse.engine import (
    attach_published,
    bound_memory,
    connect_engine,
    copy_to_parquet,
    detach_published,
)
from labelhouse.errors import UsageError
from labelhouse.newest import newest
from labelhouse.published_file import Stamp, bring_up_to_date, create_tables, stamp
from labelhouse.published_tables import PUBLISHED_TABLES, layout
from labelhouse.statements import statement
from labelhouse.swap import replacing
from labelhouse.warehouse import guarded, require_warehouse

FOLDER = "published"
FILE = "labels.duckdb"
PARQUET = "parquet"
COLUMNS = "columns"
MEMORY_LIMIT = "1GB"
WORTH_CHANGING = 0.3
"""A file is made anew when more than this share of the labels written into it are gone or replaced."""

Status = Literal["written", "changed", "unchanged"]


@dataclass(frozen=True, slots=True)
class Publication:
    """What publishing did: `written` anew, `changed` where documents changed, or left `unchanged`."""

    path: str
    status: Status
    snapshot_id: int
    ingest_number: int | None
    labels: int
    bytes: int
    seconds: float


def publish(
    warehouse: str | os.PathLike[str],
    to: str | os.PathLike[str] | None = None,
    *,
    file_format: Literal["duckdb", "parquet"] = "duckdb",
) -> Publication:
    """Bring the published file, or folder of Parquet files, to the newest state of the warehouse.

    It is built beside the old one and takes its place by a rename: readers that have the old one open
    keep it, later ones see the new one, whole. A folder of Parquet files is written from the published
    file in the warehouse, which is brought up to date first. Raises WarehouseError; then the old one
    stays.
    """
    folder = Path(warehouse).absolute()
    require_warehouse(folder)
    started = time.perf_counter()
    file = Path(to).absolute() if to and file_format == "duckdb" else folder / FOLDER / FILE
    with guarded(folder):
        status, shown = _publish_file(folder, file)
        path = file
        if file_format == "parquet":
            path = Path(to).absolute() if to else folder / FOLDER / PARQUET
            _write_parquet(file, path)
    files = path.iterdir() if path.is_dir() else [path]
    return Publication(
        path=str(path),
        status=status,
        snapshot_id=shown.snapshot_id,
        ingest_number=shown.ingest_number,
        labels=shown.label_count,
        bytes=sum(file.stat().st_size for file in files),
        seconds=round(time.perf_counter() - started, 3),
    )


def _publish_file(folder: Path, path: Path) -> tuple[Status, Stamp]:
    """Write the published file, changing a copy of the old one where that is less work."""
    with (
        replacing(path) as fresh,
        newest(folder, fresh.with_name(fresh.name + ".spill"), MEMORY_LIMIT) as (connection, snapshot_id),
    ):
        old = stamp(connection, path)
        if not old and path.exists() and path.parent != folder / FOLDER:
            raise _not_ours(path)
        if old and not (old.layout == layout() and _known(connection, old)):
            old = None
        if old and (old.snapshot_id, old.ingest_number) == (snapshot_id, _last_ingest(connection)):
            return "unchanged", old
        status: Status = "changed" if old and _is_worth_changing(old) else "written"
        if old and status == "changed":
            shutil.copyfile(path, fresh)
        attach_published(connection, fresh)
        if status == "written":
            create_tables(connection)
        bring_up_to_date(connection, snapshot_id, old.labels_written if old and status == "changed" else 0)
        detach_published(connection)
        fsync_file(fresh)
        shown = stamp(connection, fresh)
        assert shown is not None
        return status, shown


def _known(connection: duckdb.DuckDBPyConnection, old: Stamp) -> bool:
    """Tell whether a published file is of this warehouse: it knows the last ingest that the file shows."""
    given = {"ingest_id": old.ingest_id, "ingest_number": old.ingest_number}
    [known] = connection.execute(statement("publish/known_ingest"), given).fetchone() or [False]
    return bool(known)


def _last_ingest(connection: duckdb.DuckDBPyConnection) -> int | None:
    [number] = connection.execute(statement("publish/last_ingest")).fetchone() or [None]
    return number


def _is_worth_changing(old: Stamp) -> bool:
    return old.label_count >= (1 - WORTH_CHANGING) * old.labels_written


def _not_ours(path: Path) -> UsageError:
    return UsageError(
        Code.USAGE,
        "is there already, and no `labelhouse publish` wrote it",
        where=str(path),
        remedy="choose another --to, or remove it",
    )


def _write_parquet(file: Path, path: Path) -> None:
    """Write every table of a published file, and what its columns mean, as files of one folder."""
    if path.exists() and not (path / f"{COLUMNS}.parquet").exists():
        raise _not_ours(path)
    with replacing(path) as fresh, closing(connect_engine()) as connection:
        fresh.mkdir()
        bound_memory(connection, MEMORY_LIMIT, fresh.with_name(fresh.name + ".spill"))
        attach_published(connection, file, read_only=True)
        for table in PUBLISHED_TABLES:
            copy_to_parquet(connection, table.identifier, fresh / f"{table.name}.parquet")
        connection.execute(statement("publish/columns"))
        copy_to_parquet(connection, "temp.main.published_columns", fresh / f"{COLUMNS}.parquet")
