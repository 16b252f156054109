"""The tables of the published file: their statements, when they change, and what their columns mean."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from labelhouse.schema.warehouse_tables import TABLES
from labelhouse.sql_library.headers import header
from labelhouse.sql_library.statements import public_statement, statement
from labelhouse.sql_quoting import quote_identifier, quote_literal
from labelhouse.warehouse_layout import LAKE, PUBLISHED

Filling = Literal["documents", "ingests", "whole"]
#: Views of the warehouse that are published as tables of the same names and rebuilt each time.
PUBLISHED_VIEWS = (
    "attribute_completeness",
    "attribute_values",
    "automation_by_document",
    "automation_rate",
    "automation_trend",
    "category_drift",
    "class_balance",
    "class_drift",
    "cooccurrence",
    "findings_by_night",
    "heat_map",
    "image_coverage",
    "image_coverage_by_document",
    "ingest_health",
    "keypoint_visibility",
    "label_churn",
    "label_churn_by_document",
    "labels_per_image",
    "row_stages_by_night",
    "shapes_per_class",
    "size_classes",
    "track_statistics",
)
_SOURCES = {"labels": "annotations", "answers": "attributes"}


@dataclass(frozen=True, slots=True)
class PublishedTable:
    """One table: its name, and whether its rows follow document versions, ingests, or are rebuilt."""

    name: str
    filling: Filling
    is_of_label_rows: bool = False
    """Whether it is empty unless the warehouse holds label rows."""

    @property
    def path(self) -> str:
        """Return the name of the file below sql/ whose header describes the table."""
        return f"{'views' if self.name in PUBLISHED_VIEWS else 'published'}/{self.name}"

    @property
    def select(self) -> str:
        """Return the statement that selects the rows of the table."""
        if self.name in PUBLISHED_VIEWS:
            return f"from {LAKE}.main.{quote_identifier(self.name)}"
        return public_statement(self.path).strip().removesuffix(";")

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
    PublishedTable("label_work", "documents", is_of_label_rows=True),
    PublishedTable("required_answers", "documents", is_of_label_rows=True),
    PublishedTable("modality_answers", "whole", is_of_label_rows=True),
    PublishedTable("categories", "whole"),
    PublishedTable("projects", "whole"),
    PublishedTable("label_changes", "ingests"),
    PublishedTable("check_results", "whole"),
    PublishedTable("findings", "whole"),
    PublishedTable("finding_causes", "whole"),
    *(PublishedTable(name, "whole") for name in PUBLISHED_VIEWS),
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
        return statement("publishing/remove_rows").replace("{table}", table.identifier)
    return f"truncate {table.identifier}"


def comments(table: PublishedTable) -> Iterator[str]:
    """Yield the statements that describe the table and its columns."""
    title, columns = described(table)
    yield f"comment on table {table.identifier} is {quote_literal(title)}"
    for name, text in columns.items():
        yield f"comment on column {table.identifier}.{quote_identifier(name)} is {quote_literal(text)}"


def described(table: PublishedTable) -> tuple[str, dict[str, str]]:
    """Return what the header of the table's statement says of it and of each column.

    If the header leaves a column's meaning out, the column has the meaning of a warehouse's column of this
    name. The table's source comes first, then the other tables. Otherwise the meaning is the column's name.
    """
    table_header = header(table.path)
    source = _SOURCES.get(table.name, table.name)
    tables = sorted(TABLES, key=lambda t: t.name == source)
    known = {column.name: column.comment for t in tables for column in t.columns}
    title = f"{table_header.summary} One row per {table_header.grain}."
    return title, {name: meaning or known.get(name, spoken(name)) for name, meaning in table_header.columns}


def spoken(name: str) -> str:
    """Return a column's name as words."""
    return name.replace("_", " ").capitalize()


def layout() -> str:
    """Return a hash of all statements: a file made by other statements is rebuilt."""
    parts = [
        text
        for table in PUBLISHED_TABLES
        for text in (creation(table), public_statement(table.path), *comments(table))
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
