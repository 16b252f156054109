"""The tables of the published file: what makes each, when, and what its columns mean."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from labelhouse.engine import PUBLISHED
from labelhouse.headers import header
from labelhouse.schema import TABLES
from labelhouse.statements import quote_identifier, quote_literal, statement

Filling = Literal["documents", "ingests", "whole"]
_SOURCES = {"labels": "annotations", "answers": "attributes"}


@dataclass(frozen=True, slots=True)
class PublishedTable:
    """One table: its name, and whether its rows follow document versions, ingests, or are made anew."""

    name: str
    filling: Filling

    @property
    def select(self) -> str:
        """Return the statement whose rows the table holds."""
        return statement(f"published/{self.name}").strip().removesuffix(";")

    @property
    def identifier(self) -> str:
        """Return the table's name for SQL."""
        return f"{PUBLISHED}.main.{quote_identifier(self.name)}"


#: In the order of filling: a table may read those before it from the file.
PUBLISHED_TABLES = (
    PublishedTable("ingests", "whole"),
    PublishedTable("documents", "documents"),
    PublishedTable("images", "documents"),
    PublishedTable("labels", "documents"),
    PublishedTable("answers", "documents"),
    PublishedTable("categories", "whole"),
    PublishedTable("projects", "whole"),
    PublishedTable("label_changes", "ingests"),
    PublishedTable("published", "whole"),
)


def creation(table: PublishedTable) -> str:
    """Return the statement that makes the table, without rows."""
    return f"create table {table.identifier} as\n{table.select}\nwith no data"


def insertion(table: PublishedTable) -> str:
    """Return the statement that fills the table."""
    return f"insert into {table.identifier}\n{table.select}"


def removal(table: PublishedTable) -> str:
    """Return the statement that removes the rows of documents that are gone, or all rows."""
    if table.filling == "documents":
        return statement("publish/remove_rows").replace("{table}", table.identifier)
    return f"truncate {table.identifier}"


def comments(table: PublishedTable) -> Iterator[str]:
    """Yield the statements that describe the table and its columns."""
    title, columns = described(table)
    yield f"comment on table {table.identifier} is {quote_literal(title)}"
    for name, text in columns.items():
        yield f"comment on column {table.identifier}.{quote_identifier(name)} is {quote_literal(text)}"


def described(table: PublishedTable) -> tuple[str, dict[str, str]]:
    """Return what the header of the table's statement says of it and of each column.

    A column whose meaning the header leaves out has that of the warehouse's column of this name.
    """
    found = header(f"published/{table.name}")
    source = _SOURCES.get(table.name, table.name)
    known = {column.name: column.comment for t in TABLES if t.name == source for column in t.columns}
    title = f"{found.summary} One row per {found.grain}."
    return title, {name: meaning or known[name] for name, meaning in found.columns}


def layout() -> str:
    """Return a hash of all statements: a file made by others is made anew."""
    parts = [text for table in PUBLISHED_TABLES for text in (creation(table), *comments(table))]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
