"""Look for people who were forgotten: in the files of all states, and in copies of the catalog."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from labelhouse.backups.generations import generations
from labelhouse.lake.checksums import RegisteredFile
from labelhouse.lake.snapshot_connection import Connection
from labelhouse.maintenance.findings import Finding
from labelhouse.maintenance.people_columns import PeopleColumn, people_columns
from labelhouse.places.finding import place_of
from labelhouse.sql_library.statements import statement
from labelhouse.texts.people import KEEP, People
from labelhouse.warehouse.people_salt import forgotten_people, needed_salt
from labelhouse.warehouse_layout import BACKUPS, DATA

CHECK = "forgotten"
_REMEDY = "run labelhouse forget for the person again"


def forgotten_findings(
    folder: Path, connection: Connection, files: Sequence[RegisteredFile]
) -> Iterator[Finding]:
    """Yield the files that name a person who was forgotten; each row counts, removed ones too.

    Raises WarehouseError if the salt is missing, without which no one can know.
    """
    forgotten = forgotten_people(connection)
    if not forgotten:
        return
    people = People(KEEP, needed_salt(place_of(folder)), frozenset(forgotten))
    by_table = {table: list(columns) for table, columns in groupby(people_columns(), lambda c: c.table)}
    for file in files:
        path = folder / DATA / file.path
        if path.exists() and _names(path, people, by_table.get(file.table, [])):
            yield Finding(CHECK, file.path, f"it names a person who was forgotten; {_REMEDY}")
    [forgotten_at] = connection.execute(statement("maintenance/forgotten_at")).fetchone() or (None,)
    for copy in generations(folder):
        if forgotten_at is not None and copy.made_at < forgotten_at.replace(microsecond=0):
            where = f"{BACKUPS}/{copy.path.name}"
            yield Finding(CHECK, where, f"this copy is from before a person was forgotten; {_REMEDY}")


def _names(path: Path, people: People, columns: Sequence[PeopleColumn]) -> bool:
    with pq.ParquetFile(path) as file:
        known = set(file.schema_arrow.names)
        for column in columns:
            if column.column not in known:
                continue
            wanted = [column.column] if column.name is None else [column.column, column.name]
            for batch in file.iter_batches(columns=wanted):
                for name, value in _distinct(batch, column):
                    if column.without(people, name, value) != value:
                        return True
    return False


def _distinct(batch: pa.RecordBatch, column: PeopleColumn) -> Iterator[tuple[str | None, str]]:
    if column.name is None:
        for value in pc.unique(batch[column.column]).drop_null().to_pylist():
            yield None, value
        return
    pairs = zip(batch[column.name].to_pylist(), batch[column.column].to_pylist(), strict=True)
    yield from {(name, value) for name, value in pairs if value is not None}
