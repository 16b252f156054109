"""Keep the tables, macros and views of a warehouse as this build of Labelhouse defines them."""

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import duckdb

from labelhouse.schema.warehouse_tables import DEFINITIONS, TABLES
from labelhouse.sql_library.headers import Header, Pairs, header
from labelhouse.sql_library.statements import public_names, public_statement, statement
from labelhouse.sql_quoting import quote_identifier, quote_literal


@dataclass(frozen=True, slots=True)
class Definition:
    """A table, macro or view: the statements that make it, and what it and its parts mean."""

    kind: str
    name: str
    statements: tuple[str, ...]
    meaning: str
    items: Pairs

    @property
    def statement_hash(self) -> str:
        """Return the hash that shows whether a warehouse has exactly this definition."""
        return hashlib.sha256("\0".join(self.statements).encode()).hexdigest()[:16]

    def rows(self) -> Iterator[dict[str, str | None]]:
        """Yield the rows of the table definitions: of the thing itself, and of each part of it."""
        own = {"kind": self.kind, "name": self.name}
        yield {**own, "item": None, "meaning": self.meaning, "statement_hash": self.statement_hash}
        for item, meaning in self.items:
            yield {**own, "item": item, "meaning": meaning, "statement_hash": None}


@cache
def _wanted_hashes() -> dict[tuple[str, str], str]:
    """Return the hash of each definition of this build, by kind and name, without putting them in order."""
    views = (_definition(kind, name.rpartition("/")[2], name) for kind, name in _public())
    return {(d.kind, d.name): d.statement_hash for d in (*_tables(), *views)}


@cache
def definitions() -> tuple[Definition, ...]:
    """Return all definitions of this build, each after those that it uses."""
    return (*_tables(), *_ordered("macro", "macros"), *_ordered("view", "views"))


def _tables() -> Iterator[Definition]:
    for table in TABLES:
        yield Definition(
            "table",
            table.name,
            tuple(table.ddl()),
            f"One row per {table.grain}.",
            tuple((column.name, column.comment) for column in table.columns),
        )


def _public() -> Iterator[tuple[str, str]]:
    for kind, folder in (("macro", "macros"), ("view", "views")):
        for name in public_names(folder):
            yield kind, name


def are_current(connection: duckdb.DuckDBPyConnection) -> bool:
    """Return whether the current warehouse has exactly the definitions of this build."""
    row = connection.execute(statement("lake/has_definitions")).fetchone()
    if not row or not row[0]:
        return False
    return _known(connection) == _wanted_hashes()


def define(connection: duckdb.DuckDBPyConnection) -> None:
    """Create or replace what differs, in the open transaction; drop views and macros of other builds."""
    connection.execute(DEFINITIONS.ddl()[0])
    known = _known(connection)
    wanted = {(d.kind, d.name): d for d in definitions()}
    for kind, name in known.keys() - wanted.keys():
        if kind != "table":
            connection.execute(f"drop {kind} if exists {quote_identifier(name)}")
    for key, definition in wanted.items():
        if known.get(key) != definition.statement_hash:
            for text in definition.statements:
                connection.execute(text)
    rows = [row for definition in wanted.values() for row in definition.rows()]
    connection.execute(statement("lake/remove_definitions"))
    connection.execute(statement("lake/add_definitions"), {"definitions": json.dumps(rows)})


def _known(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], str]:
    rows = connection.execute(statement("lake/known_definitions")).fetchall()
    return {(kind, name): statement_hash for kind, name, statement_hash in rows}


def _ordered(kind: str, folder: str) -> tuple[Definition, ...]:
    """Return the definitions of a folder below sql/ so that each stands after those that it names."""
    todo = {name.rpartition("/")[2]: name for name in public_names(folder)}
    texts = {name: _body(public_statement(path)) for name, path in todo.items()}
    ordered: list[str] = []

    def take(name: str, above: Sequence[str] = ()) -> None:
        if name in ordered or name in above:
            return
        for other in texts:
            if other != name and re.search(rf"\b{other}\b", texts[name]):
                take(other, (*above, name))
        ordered.append(name)

    for name in todo:
        take(name)
    return tuple(_definition(kind, name, todo[name]) for name in ordered)


def _definition(kind: str, name: str, path: str) -> Definition:
    file_header: Header = header(path)
    texts = [public_statement(path)]
    if kind == "view":
        texts.append(f"comment on view {quote_identifier(name)} is {quote_literal(file_header.comment)}")
    grain = f" One row per {file_header.grain}." if kind == "view" else f" Returns {file_header.returns}."
    return Definition(
        kind, name, tuple(texts), file_header.summary + grain, file_header.parameters + file_header.columns
    )


def _body(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not line.startswith("--"))
