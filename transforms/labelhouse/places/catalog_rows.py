"""Copy a catalog between its database and a file: one state of it, whole."""

import hashlib
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from itertools import groupby, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labelhouse.errors import WarehouseError
from labelhouse.lake.catalog_content import table_names, table_rows
from labelhouse.places.postgres import postgres_statement
from labelhouse.reason_codes import ReasonCode
from labelhouse.sql_library.statements import statement_on
from labelhouse.sql_quoting import quote_identifier

if TYPE_CHECKING:
    import psycopg

_NUMBERS = ("bigint", "integer", "boolean")
"""Types that DuckLake keeps as numbers where its catalog is SQLite; all others are texts there."""
_ROWS = 10_000


def copy_rows(session: "psycopg.Connection[Any]", target: Path, kept: Path) -> None:
    """Write the catalog as it is at one moment to a new SQLite file, which DuckLake reads as its own.

    The last state is kept in the folder `kept`, from which it comes if the catalog has not changed since.
    It holds a few thousand rows at a time. Raises psycopg.Error, and OSError or sqlite3.Error where the
    file cannot be written.
    """
    target.unlink(missing_ok=True)
    with _reading_one_moment(session):
        state = session.execute(postgres_statement("catalog_state")).fetchone()
        known = kept / f"{hashlib.sha256(repr(state).encode()).hexdigest()[:16]}.sqlite"
        try:
            shutil.copyfile(known, target)
        except OSError:
            # There is none, or it cannot be read.
            target.unlink(missing_ok=True)
            _copy_tables(session, target)
        else:
            return
    _keep(target, known)


def receive_rows(session: "psycopg.Connection[Any]", catalog: Path, where: str) -> None:
    """Replace the rows of an empty catalog by those of one in SQLite, in the open transaction.

    Raises psycopg.Error, and WarehouseError, which names `where`, if the two were made by different
    versions of DuckLake or the one in SQLite cannot be read.
    """
    columns_of = session.execute(postgres_statement("catalog_tables")).fetchall()
    tables = {
        table: {str(name): str(kind) for _, name, kind in columns}
        for table, columns in groupby(columns_of, lambda row: str(row[0]))
    }
    try:
        with closing(sqlite3.connect(f"{catalog.as_uri()}?mode=ro", uri=True)) as copy:
            names = table_names(copy)
            if not names <= tables.keys():
                raise _another_version(where)
            for table, kinds in tables.items():
                session.execute(statement_on(table, "places/emptied_table"))
                if table in names:
                    _receive_table(session, copy, table, kinds, where)
    except sqlite3.Error as error:
        raise WarehouseError(
            ReasonCode.WAREHOUSE_DAMAGED,
            f"its catalog cannot be read ({type(error).__name__})",
            where=where,
            remedy="run: labelhouse verify",
        ) from None


def _receive_table(
    session: "psycopg.Connection[Any]",
    copy: sqlite3.Connection,
    table: str,
    kinds: Mapping[str, str],
    where: str,
) -> None:
    rows = table_rows(copy, table)
    names = [str(column[0]) for column in rows.description]
    if set(names) != set(kinds):
        raise _another_version(where)
    columns = ", ".join(quote_identifier(name) for name in names)
    is_boolean = [kinds[name] == "boolean" for name in names]
    with (
        session.cursor() as cursor,
        cursor.copy(statement_on(table, "places/receive_rows", values=columns)) as receiving,
    ):
        for row in rows:
            receiving.write_row(
                [
                    bool(value) if boolean and value is not None else value
                    for value, boolean in zip(row, is_boolean, strict=True)
                ]
            )


def _another_version(where: str) -> WarehouseError:
    return WarehouseError(
        ReasonCode.SCHEMA_VERSION,
        "another version of DuckLake made its catalog",
        where=where,
        remedy="load something into it with this version first, and run it again",
    )


def _copy_tables(session: "psycopg.Connection[Any]", target: Path) -> None:
    with closing(sqlite3.connect(target)) as copy, copy:
        copy.execute("pragma synchronous = off")
        columns_of = session.execute(postgres_statement("catalog_tables")).fetchall()
        for table, columns in groupby(columns_of, lambda row: str(row[0])):
            _copy_table(session, copy, table, [(str(name), str(kind)) for _, name, kind in columns])


def _keep(copy: Path, known: Path) -> None:
    """Keep a copy as the last state; a machine that cannot has to copy the rows each time."""
    with suppress(OSError), tempfile.TemporaryDirectory(prefix="new-", dir=_made(known.parent)) as new:
        shutil.copyfile(copy, Path(new) / known.name)
        os.replace(Path(new) / known.name, known)
        for path in known.parent.glob("*.sqlite"):
            if path != known:
                path.unlink(missing_ok=True)


def _made(folder: Path) -> Path:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


@contextmanager
def _reading_one_moment(session: "psycopg.Connection[Any]") -> Iterator[None]:
    from psycopg import IsolationLevel

    before = session.isolation_level, session.read_only
    session.isolation_level, session.read_only = IsolationLevel.REPEATABLE_READ, True
    try:
        with session.transaction():
            yield
    finally:
        session.isolation_level, session.read_only = before


def _copy_table(
    session: "psycopg.Connection[Any]",
    copy: sqlite3.Connection,
    table: str,
    columns: Sequence[tuple[str, str]],
) -> None:
    kinds = ", ".join(
        f"{quote_identifier(column)} {'bigint' if kind in _NUMBERS else 'varchar'}"
        for column, kind in columns
    )
    values = ", ".join(
        f"{quote_identifier(column)}{'::int' if kind == 'boolean' else ''}" for column, kind in columns
    )
    copy.execute(statement_on(table, "places/copied_table", columns=kinds))
    adding = statement_on(table, "places/add_copied_rows", places=", ".join("?" * len(columns)))
    reading = statement_on(table, "places/read_rows", values=values)
    with session.cursor() as cursor, cursor.copy(reading) as rows:
        for some in _batches(rows.rows()):
            copy.executemany(adding, some)


def _batches(rows: Iterator[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    while some := list(islice(rows, _ROWS)):
        yield some
