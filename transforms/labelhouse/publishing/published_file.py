"""Fill a published file from a warehouse: in full, or with the changes since it was written."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from labelhouse.errors import WarehouseError
from labelhouse.lake.engine import attach_published, detach_published
from labelhouse.publishing.published_tables import (
    PUBLISHED_TABLES,
    comments,
    creation,
    insertion,
    layout,
    removal,
)
from labelhouse.reason_codes import ReasonCode
from labelhouse.sql_library.statements import statement
from labelhouse.version import __version__

CHUNK_LABELS = 500_000
"""Labels in one copying step: bounds the memory."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a published file records about itself: the state that it shows and how it was made."""

    snapshot_id: int
    ingest_number: int | None
    ingest_id: str | None
    labels_written: int
    label_count: int
    layout: str


def stamp(connection: duckdb.DuckDBPyConnection, path: Path) -> Stamp | None:
    """Return the stamp of a published file; None for anything else."""
    if not path.is_file():
        return None
    try:
        attach_published(connection, path, read_only=True)
    except duckdb.Error:
        return None
    try:
        row = connection.execute(statement("publishing/stamp")).fetchone()
        file_stamp = Stamp(*row) if row else None
    except duckdb.Error:
        file_stamp = None
    detach_published(connection)
    return file_stamp


def create_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the tables of the attached published file, without rows but with comments."""
    for name in ("no_documents", "no_ingests"):
        connection.execute(statement(f"publishing/{name}"))
    # One transaction, because each waits for the disk.
    connection.begin()
    for table in PUBLISHED_TABLES:
        _run(connection, creation(table), _NOTHING)
        for text in comments(table):
            connection.execute(text)
    connection.commit()


def bring_up_to_date(connection: duckdb.DuckDBPyConnection, snapshot_id: int, labels_written: int) -> None:
    """Write what the attached published file lacks of the attached warehouse, and remove what is gone.

    `labels_written` counts the labels written into the file so far. Raises WarehouseError if the file then
    holds other numbers of rows than the warehouse.
    """
    for name in ("new_documents", "gone_documents", "new_ingests"):
        connection.execute(statement(f"publishing/{name}"))
    chunks = connection.execute(statement("publishing/chunks"), {"chunk_labels": CHUNK_LABELS}).fetchall()
    [first_ingest] = connection.execute(statement("publishing/first_new_ingest")).fetchone() or [0]
    values = {
        "snapshot_id": snapshot_id,
        "labels_written": labels_written + sum(labels for *_, labels in chunks),
        "layout": layout(),
        "version": __version__,
        "first_ingest": first_ingest,
    }
    for table in PUBLISHED_TABLES:
        if table.filling != "ingests":
            connection.execute(removal(table))
    [has_label_rows] = connection.execute(statement("publishing/has_label_rows")).fetchone() or [True]
    for table in PUBLISHED_TABLES:
        # To plan them takes a third of the time of a small change.
        if table.is_of_label_rows and not has_label_rows:
            continue
        for first_key, last_key, _ in chunks if table.filling == "documents" else [(0, 0, 0)]:
            _run(connection, insertion(table), values | {"first_key": first_key, "last_key": last_key})
    _check_counts(connection)


def _check_counts(connection: duckdb.DuckDBPyConnection) -> None:
    for table, in_warehouse, in_file in connection.execute(statement("publishing/counts")).fetchall():
        if in_warehouse != in_file:
            raise WarehouseError(
                ReasonCode.WAREHOUSE_DAMAGED,
                f"the warehouse has {in_warehouse:,} rows for {table}, {in_file:,} could be published",
                remedy="run: labelhouse verify",
            )


_NOTHING: Mapping[str, object] = {
    "snapshot_id": 0,
    "labels_written": 0,
    "layout": "",
    "version": "",
    "first_ingest": 0,
    "first_key": 0,
    "last_key": 0,
}


def _run(connection: duckdb.DuckDBPyConnection, sql: str, values: Mapping[str, object]) -> None:
    """Execute a statement with those of the values that it names."""
    names = set(re.findall(r"\$([a-z_]+)", sql))
    connection.execute(sql, {name: values[name] for name in names})
