"""Publish a warehouse as one file that BI tools read while the pipeline writes."""

import os
import shutil
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from labelhouse.errors import UsageError
from labelhouse.files.atomic_replace import log_of, replacing
from labelhouse.files.durable_files import fsync_file, writing
from labelhouse.files.output_place import PlaceKind, output_place, refused
from labelhouse.lake.engine import attach_published, connect_engine, copy_to_parquet, detach_published
from labelhouse.lake.memory import PUBLICATION_BYTES, bound_memory
from labelhouse.lake.warehouse_folder import is_ignorable
from labelhouse.places.finding import place_of
from labelhouse.places.place import WarehousePlace
from labelhouse.publishing.fresh_snapshot import newest
from labelhouse.publishing.published_file import Stamp, bring_up_to_date, create_tables, stamp
from labelhouse.publishing.published_tables import PUBLISHED_TABLES, layout
from labelhouse.publishing.store_publication import PublicationFormat, StorePlace
from labelhouse.reason_codes import ReasonCode
from labelhouse.results import Result
from labelhouse.sources.addresses import is_url, local_path
from labelhouse.sql_library.statements import statement
from labelhouse.warehouse.guarding import guarded

FOLDER = "published"
FILE = "labels.duckdb"
PARQUET = "parquet"
COLUMNS = "columns"
WORTH_CHANGING = 0.3
"""A file is rebuilt when more than this share of the labels written into it are gone or replaced."""

Status = Literal["written", "changed", "unchanged"]


@dataclass(frozen=True, slots=True)
class PublishResult(Result):
    """What publishing did: `written` in full, `changed` where documents changed, or left `unchanged`."""

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
) -> PublishResult:
    """Bring the published file, or folder of Parquet files, to the newest state of the warehouse.

    The new file is built beside the old one and replaces it by a rename. Readers that have the old one open
    keep it, and later readers see the whole new one. A folder of Parquet files is written from the
    published file in the warehouse, which is brought up to date first. So are the objects of a bucket, if
    `to` is an address: they get new names, and a pointer to them is written last. Raises WarehouseError or
    OutputError; then the old one stays. Raises UsageError for a place that is not allowed, or that holds
    something else.
    """
    place = place_of(warehouse)
    if place.published is not None and (file_format == "duckdb" or is_url(place.published)):
        to = place.published if to is None else to
    if to is not None and is_url(os.fspath(to)):
        to = local_path(os.fspath(to))
        if is_url(to):
            return _publish_to_store(place, to, file_format)
    place.require_warehouse()
    own = place.workspace
    started = time.perf_counter()
    is_file = file_format == "duckdb"
    path = Path(to).absolute() if to else own / FOLDER / (FILE if is_file else PARQUET)
    target = _target(own, path, is_file=is_file)
    with guarded(place.address):
        if is_file:
            status, shown = _publish_file(place, target)
        else:
            file = _target(own, own / FOLDER / FILE, is_file=True)
            _, shown = _publish_file(place, file)
            _write_parquet(own, file, target)
            # The folder is always written in full.
            status = "written"
    files = path.iterdir() if path.is_dir() else [path]
    return PublishResult(
        path=str(path),
        status=status,
        snapshot_id=shown.snapshot_id,
        ingest_number=shown.ingest_number,
        labels=shown.label_count,
        bytes=sum(file.stat().st_size for file in files),
        seconds=round(time.perf_counter() - started, 3),
    )


def _publish_to_store(warehouse: WarehousePlace, url: str, file_format: PublicationFormat) -> PublishResult:
    """Publish to a prefix of a bucket, from the published file in the warehouse."""
    place = StorePlace(url, file_format)
    warehouse.require_warehouse()
    own = warehouse.workspace
    started = time.perf_counter()
    file = _target(own, own / FOLDER / FILE, is_file=True)
    with guarded(warehouse.address):
        _, shown = _publish_file(warehouse, file)
    if file_format == "duckdb":
        done = place.publish(shown, [file])
    else:
        with TemporaryDirectory(prefix="labelhouse-publish-", ignore_cleanup_errors=True) as private:
            with guarded(warehouse.address):
                _write_parquet(own, file, Path(private) / PARQUET)
            done = place.publish(shown, sorted((Path(private) / PARQUET).iterdir()))
    return PublishResult(
        path=done.path,
        status="unchanged" if done.is_unchanged else "written",
        snapshot_id=shown.snapshot_id,
        ingest_number=shown.ingest_number,
        labels=shown.label_count,
        bytes=done.bytes,
        seconds=round(time.perf_counter() - started, 3),
    )


def _target(folder: Path, path: Path, *, is_file: bool) -> Path:
    """Return where to publish, without links; raises UsageError where no file, or folder, is allowed."""
    if path.parent == folder / FOLDER:
        with writing("the folder for published files"):
            path.parent.mkdir(parents=True, exist_ok=True)
    place = output_place(path, folder, is_own=_is_published)
    if place.descriptor is not None or place.kind not in (
        PlaceKind.NOTHING,
        PlaceKind.FILE if is_file else PlaceKind.FOLDER,
    ):
        wanted = "a file" if is_file else "a folder"
        raise refused(path, f"is {place.kind.value}, and {wanted} is to be written")
    return place.path


def _is_published(warehouse: Path, path: Path) -> bool:
    """Return whether a path lies in the warehouse's folder for published files; both are free of links."""
    return path.parent == warehouse / FOLDER and not path.name.startswith(".")


def _publish_file(place: WarehousePlace, path: Path) -> tuple[Status, Stamp]:
    """Write the published file, changing a copy of the old one where that is less work."""
    _refuse_stranger(place.workspace, path)
    with (
        replacing(path) as fresh,
        newest(place.address, fresh.with_name(fresh.name + ".spill"), PUBLICATION_BYTES) as (
            connection,
            snapshot_id,
        ),
    ):
        old = stamp(connection, path)
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


def _refuse_stranger(folder: Path, path: Path) -> None:
    """Raise UsageError if publishing did not write the file or log there, outside the warehouse."""
    if _is_default(folder, path) or not (path.exists() or log_of(path).exists()):
        return
    with closing(connect_engine()) as connection:
        if stamp(connection, path) is None:
            raise _not_ours(path)


def _known(connection: duckdb.DuckDBPyConnection, old: Stamp) -> bool:
    """Return whether a published file is of this warehouse, which has forgotten no person since."""
    parameters = {"ingest_id": old.ingest_id, "ingest_number": old.ingest_number}
    [known] = connection.execute(statement("publishing/known_ingest"), parameters).fetchone() or [False]
    return bool(known)


def _last_ingest(connection: duckdb.DuckDBPyConnection) -> int | None:
    [number] = connection.execute(statement("publishing/last_ingest")).fetchone() or [None]
    return number


def _is_worth_changing(old: Stamp) -> bool:
    return old.label_count >= (1 - WORTH_CHANGING) * old.labels_written


def _not_ours(path: Path) -> UsageError:
    return UsageError(
        ReasonCode.USAGE,
        "is there already, and no `labelhouse publish` wrote it",
        where=str(path),
        remedy="choose another --to, or remove it",
    )


def _write_parquet(folder: Path, file: Path, path: Path) -> None:
    """Write every table of a published file, and what its columns mean, as files of one folder."""
    if path.exists() and not _is_all_ours(path, is_default=_is_default(folder, path)):
        raise _not_ours(path)
    with closing(connect_engine()) as connection, replacing(path) as fresh:
        fresh.mkdir()
        bound_memory(connection, PUBLICATION_BYTES, fresh.with_name(fresh.name + ".spill"))
        attach_published(connection, file, read_only=True)
        for table in PUBLISHED_TABLES:
            copy_to_parquet(connection, table.identifier, fresh / f"{table.name}.parquet")
        connection.execute(statement("publishing/columns"))
        copy_to_parquet(connection, "temp.main.published_columns", fresh / f"{COLUMNS}.parquet")


def _is_all_ours(path: Path, *, is_default: bool) -> bool:
    """Return whether a folder holds only what publishing wrote, according to the list of columns there."""
    tables = [table.name for table in PUBLISHED_TABLES] if is_default else []
    try:
        described = pq.read_table(path / f"{COLUMNS}.parquet", columns=["table_name"], partitioning=None)
        tables += described["table_name"].to_pylist()
    except (OSError, pa.ArrowException):
        # In the warehouse, a damaged folder is rebuilt; elsewhere a folder without a list of columns is not
        # ours.
        pass
    names = {f"{name}.parquet" for name in (*tables, COLUMNS)} if tables else set()
    return all(
        entry.is_file() and not entry.is_symlink() and (entry.name in names or is_ignorable(entry.name))
        for entry in path.iterdir()
    )


def _is_default(folder: Path, path: Path) -> bool:
    """Return whether a path without links is where a warehouse publishes by default."""
    return path in [Path(os.path.realpath(folder)) / FOLDER / name for name in (FILE, PARQUET)]
