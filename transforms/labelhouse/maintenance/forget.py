"""Take a person out of a warehouse: out of its tables, its files, its catalog and the copies of it.

The tables change in one commit, which also records the person's token, so that later loads leave the person
out. What follows is safe to repeat: earlier states go, since they hold the person. Files with removed rows
are written again, and so is the catalog, without free pages. After a kill, the same command goes on.
"""

import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from labelhouse.backups.generations import generations, write_generation
from labelhouse.errors import UsageError
from labelhouse.files.durable_files import fsync_folder, writing
from labelhouse.lake.engine import connect_engine
from labelhouse.maintenance.catalog_cleaning import clean_catalog
from labelhouse.maintenance.maintain import MaintainOptions, MaintainResult, maintain
from labelhouse.maintenance.people_columns import PeopleColumn, people_columns
from labelhouse.places.finding import place_of
from labelhouse.reason_codes import ReasonCode
from labelhouse.results import Result
from labelhouse.schema.warehouse_tables import TABLES
from labelhouse.sql_library.statements import statement, statement_on
from labelhouse.sql_quoting import quote_identifier
from labelhouse.staging.pending_ingests import ledger_row, next_ingest
from labelhouse.texts.people import FORGOT, KEEP, People, token_of
from labelhouse.warehouse.change import change
from labelhouse.warehouse.guarding import after_commit, guarded
from labelhouse.warehouse.ledger import add_ledger_rows, last_used_number
from labelhouse.warehouse.opening import open_warehouse, require_warehouse
from labelhouse.warehouse.people_salt import forgotten_people, kept_salt, new_salt
from labelhouse.warehouse.recovery import recover
from labelhouse.warehouse.warehouse import Warehouse
from labelhouse.warehouse_layout import CATALOG, PARSED, STAGING

_TEXTS = pa.schema([("name", pa.string()), ("value", pa.string()), ("replacement", pa.string())])
_NO_ANSWER = """,
    value_type = case when people_texts.replacement is null then 'null' else value_type end,
    value_number = case when people_texts.replacement is not null then value_number end
"""
"""An answer that is gone has no type and no number."""
_ESCAPES = r"|\\u00"
"""JSON may spell any character of a text so."""
_MOVED = re.compile(re.escape(CATALOG) + r"\.lost-\d{8}T\d{12}Z(?:-wal|-shm|-journal)?")
"""Names that `labelhouse restore` gives to catalogs that it replaces."""


@dataclass(frozen=True, slots=True)
class ColumnRows:
    """How many rows of a column named the person."""

    table: str
    column: str
    rows: int


@dataclass(frozen=True, slots=True)
class ForgetResult(Result):
    """What was taken out of the warehouse, or would be; it does not name the person."""

    dry_run: bool
    columns: list[ColumnRows]
    """Where the person was named."""
    elsewhere: list[ColumnRows]
    """Where the same text stands as a label, a title or a name: it stays there."""
    snapshots_expired: int
    copies_removed: int
    """Copies of the catalog from before, and catalogs that a restoration had moved aside."""
    files_removed: int
    bytes_removed: int


def forget(
    folder: Path, persons: Sequence[str], rebuild_marts: Callable[[Path], object], *, dry_run: bool = False
) -> ForgetResult:
    """Take persons out of a warehouse: e-mail addresses in any spelling, user ids, or tokens.

    `rebuild_marts` computes the marts of a warehouse again. Later loads leave the persons out as well,
    whatever their `authors` is. Earlier states cannot be read afterwards. Raises UsageError for an empty
    name, WarehouseError if the warehouse cannot be changed; then they are still there, or the same command
    goes on where it stopped.
    """
    folder = place_of(folder).require_folder("forget")
    names = [person.strip() for person in persons]
    if not names or any(len(name) < 2 or not name.isprintable() for name in names):
        raise UsageError(
            ReasonCode.USAGE,
            "a name of a person is missing, or too short",
            remedy="give an e-mail address or a user id as it was stored",
        )
    require_warehouse(folder)
    with open_warehouse(folder) as warehouse, guarded(folder):
        if dry_run:
            salt = warehouse.place.salt() or new_salt()
        else:
            recover(warehouse)
            with warehouse.lock():
                salt = kept_salt(warehouse.place)
        tokens = [token_of(salt, name) for name in names]
        people = People(KEEP, salt, frozenset(tokens))
        pattern = "|".join(re.escape(text.lower()) for text in (*names, *tokens))
        if dry_run:
            columns = _counted(_texts(warehouse.connection, people, pattern), warehouse.connection)
        else:
            columns = _taken_out(warehouse, people, pattern)
        elsewhere = _elsewhere(warehouse.connection, pattern)
        [has_marts] = warehouse.connection.execute(statement("maintenance/has_marts")).fetchone() or [False]
    if dry_run:
        kept = maintain(folder, MaintainOptions(0, 0, dry_run=True))
        return ForgetResult(True, columns, elsewhere, kept.snapshots_expired, 0, 0, 0)
    if has_marts:
        # Whatever this run has changed: an earlier one may have been killed before it came here.
        rebuild_marts(folder)
    done = _without_earlier_states(folder)
    copies = _without_copies(folder)
    return ForgetResult(
        False,
        columns,
        elsewhere,
        sum(each.snapshots_expired for each in done),
        copies,
        sum(each.files_removed + each.orphans_removed for each in done),
        sum(each.bytes_removed for each in done),
    )


def _texts(
    connection: duckdb.DuckDBPyConnection, people: People, pattern: str
) -> list[tuple[PeopleColumn, pa.Table]]:
    """Return the texts that name the person, with what takes their place, column by column."""
    every = []
    for column in people_columns():
        sql = statement_on(column.table, "maintenance/people_texts", **_identifiers(column))
        rows = []
        reader = connection.execute(sql, {"pattern": pattern + _ESCAPES}).to_arrow_reader(10_000)
        for batch in reader:
            for name, value in zip(*(batch[key].to_pylist() for key in ("name", "value")), strict=True):
                replacement = column.without(people, name, value)
                if replacement != value:
                    rows.append({"name": name, "value": value, "replacement": replacement})
        if rows:
            every.append((column, pa.Table.from_pylist(rows, schema=_TEXTS)))
    return every


def _identifiers(column: PeopleColumn) -> dict[str, str]:
    # Both sides of a join have a column of that name.
    name = f"{quote_identifier(column.table)}.{quote_identifier(column.name)}" if column.name else None
    return {"column": quote_identifier(column.column), "name_column": name or "null::varchar"}


def _counted(
    texts: Sequence[tuple[PeopleColumn, pa.Table]], connection: duckdb.DuckDBPyConnection
) -> list[ColumnRows]:
    return [
        ColumnRows(
            column.table, column.column, _rows(connection, column, values, "maintenance/people_rows")
        )
        for column, values in texts
    ]


def _rows(
    connection: duckdb.DuckDBPyConnection, column: PeopleColumn, values: pa.Table, name: str, **more: str
) -> int:
    """Run a statement on the rows of a column that hold one of the texts; return how many there are."""
    connection.register("people_texts", values)
    try:
        sql = statement_on(column.table, name, **_identifiers(column), **more)
        [rows] = connection.execute(sql).fetchone() or [0]
    finally:
        connection.unregister("people_texts")
    return int(rows)


def _taken_out(warehouse: Warehouse, people: People, pattern: str) -> list[ColumnRows]:
    """Change the tables in one commit, which says in the ledger who is left out from now on."""
    connection = warehouse.connection
    started_at = datetime.now(UTC)
    columns = []
    waiting: Sequence[dict[str, object]] = ()
    with warehouse.lock():
        warehouse.announce_change()
        with change(warehouse, "people forgotten", {}):
            new = sorted(people.forgotten - set(forgotten_people(connection)))
            waiting = add_ledger_rows(warehouse, list(_ledger_rows(warehouse, new, started_at)))
            for column, values in _texts(connection, people, pattern):
                more = _NO_ANSWER if column.name else ""
                rows = _rows(connection, column, values, "maintenance/replace_people_texts", more=more)
                columns.append(ColumnRows(column.table, column.column, rows))
        with after_commit("rows that waited are still there"):
            warehouse.place.clear_waiting(waiting)
    return columns


def _ledger_rows(
    warehouse: Warehouse, tokens: Sequence[str], started_at: datetime
) -> Iterator[dict[str, object]]:
    last = last_used_number(warehouse)
    for index, token in enumerate(tokens):
        ingest_id, number = next_ingest(warehouse.place.workspace / STAGING, last + index)
        yield ledger_row(
            {
                "ingest_id": ingest_id,
                "ingest_number": number,
                "started_at": started_at,
                "finished_at": datetime.now(UTC),
                "status": FORGOT,
                "authors": token,
            }
        )


def _elsewhere(connection: duckdb.DuckDBPyConnection, pattern: str) -> list[ColumnRows]:
    """Return where the text stands outside the columns of people."""
    mine = {(column.table, column.column) for column in people_columns()}
    others = []
    for table in TABLES:
        for column in table.columns:
            if not column.sql_type.startswith("VARCHAR") or (table.name, column.name) in mine:
                continue
            if (table.name, column.name) == ("ingests", "authors") or table.name.startswith("mart_"):
                continue
            sql = statement_on(table.name, "maintenance/rows_of_text", column=quote_identifier(column.name))
            [rows] = connection.execute(sql, {"pattern": pattern}).fetchone() or [0]
            if rows:
                others.append(ColumnRows(table.name, column.name, int(rows)))
    return others


def _without_earlier_states(folder: Path) -> list[MaintainResult]:
    """Expire all states but the newest, and remove every file and row that only they had."""
    # The first round rewrites files; the second removes those that the first has replaced.
    options = MaintainOptions(keep_days=0, grace_hours=0, rewrites_all_deletions=True)
    return [maintain(folder, options) for _ in range(2)]


def _without_copies(folder: Path) -> int:
    """Rewrite the catalog without what it once held, and leave one copy of it; return how many are gone."""
    with (
        closing(connect_engine()) as connection,
        guarded(folder),
        writing("the catalog"),
        Warehouse(place_of(folder), connection).lock(seals=False),
    ):
        clean_catalog(folder / CATALOG)
        newest = write_generation(folder)
        old = [copy.path for copy in generations(folder) if copy.number != newest.number]
        old += [path for path in folder.iterdir() if _MOVED.fullmatch(path.name)]
        for path in old:
            path.unlink(missing_ok=True)
        shutil.rmtree(folder / PARSED, ignore_errors=True)
        fsync_folder(folder)
        return len(old)
