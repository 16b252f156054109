"""Compare two catalogs: byte by byte, and where they differ, row by row.

Bits that belong to no row (free pages, SQLite's own counters) may differ without harm.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import zip_longest
from pathlib import Path

from labelhouse.lake.catalog_copy import open_copy
from labelhouse.sql_library.statements import statement, statement_on

#: Bytes of the header that say how the file was last written: https://www.sqlite.org/fileformat.html
_WRITTEN_BY = (slice(18, 20), slice(24, 28), slice(92, 100))


def differences(one: Path, other: Path) -> list[str]:
    """Return the tables that differ between two catalogs without logs; raises sqlite3.DatabaseError."""
    if _content(one) == _content(other):
        return []
    with _opened(one) as left, _opened(other) as right:
        names = sorted({*_tables(left), *_tables(right)})
        differing = [name for name in names if not _is_same(left, right, name)]
        return differing if _schema(left) == _schema(right) else ["its schema", *differing]


def table_names(catalog: sqlite3.Connection) -> set[str]:
    """Return the names of the tables of an open catalog; raises sqlite3.DatabaseError."""
    return {str(name) for (name,) in catalog.execute(statement("lake/catalog_tables"))}


def table_rows(catalog: sqlite3.Connection, table: str) -> sqlite3.Cursor:
    """Return the rows of a table in the order in which they are stored; raises sqlite3.DatabaseError."""
    return catalog.execute(statement_on(table, "lake/catalog_rows"))


def _content(catalog: Path) -> bytes:
    content = bytearray(catalog.read_bytes())
    for place in _WRITTEN_BY:
        content[place] = bytes(place.stop - place.start)
    return bytes(content)


@contextmanager
def _opened(catalog: Path) -> Iterator[sqlite3.Connection]:
    with open_copy(catalog) as opened:
        # A flipped bit may make a text any bytes, and a text has to differ from a blob.
        opened.text_factory = lambda raw: ("text", raw)
        yield opened


def _schema(connection: sqlite3.Connection) -> list[str]:
    return sorted(map(repr, connection.execute(statement("lake/catalog_schema"))))


def _tables(connection: sqlite3.Connection) -> Iterator[str]:
    for (name,) in connection.execute(statement("lake/catalog_tables")):
        match name:
            case ("text", bytes(text)):
                yield text.decode(errors="replace")
            case _:
                raise sqlite3.DatabaseError("a name of a table is not text")


def _is_same(left: sqlite3.Connection, right: sqlite3.Connection, table: str) -> bool:
    try:
        # 1 and 1.0 are equal, but not the same.
        return all(
            repr(one) == repr(other)
            for one, other in zip_longest(table_rows(left, table), table_rows(right, table))
        )
    except sqlite3.DatabaseError:
        return False
