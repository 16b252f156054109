"""What a table is made of: columns with types and descriptions, from which DDL and Arrow schemas derive."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from labelhouse.sql_quoting import quote_identifier, quote_literal
from labelhouse.warehouse_layout import LAKE

if TYPE_CHECKING:
    import pyarrow as pa

Encoding = Literal["plain", "dictionary", "delta"]
SqlType = Literal[
    "BIGINT",
    "DOUBLE",
    "VARCHAR",
    "BOOLEAN",
    "TIMESTAMPTZ",
    "BIGINT[]",
    "VARCHAR[]",
    "BIGINT[][]",
    "DOUBLE[][]",
]

BIGINT: SqlType = "BIGINT"
DOUBLE: SqlType = "DOUBLE"
VARCHAR: SqlType = "VARCHAR"
BOOLEAN: SqlType = "BOOLEAN"
TIMESTAMP: SqlType = "TIMESTAMPTZ"
INTEGERS: SqlType = "BIGINT[]"
VARCHARS: SqlType = "VARCHAR[]"
EDGES: SqlType = "BIGINT[][]"
POLYGONS: SqlType = "DOUBLE[][]"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, type in DuckDB's words, description, and the encoding that serves it best."""

    name: str
    sql_type: SqlType
    comment: str
    encoding: Encoding = "plain"


@dataclass(frozen=True, eq=False)
class Table:
    """One table: what a row stands for, its columns in order, and the Arrow schema of its batches."""

    name: str
    grain: str
    columns: tuple[Column, ...]
    sorted_by: tuple[str, ...] = ()
    optional: tuple[Column, ...] = ()
    """The last of the columns: batches may lack them, and their rows then have none of their values."""

    @cached_property
    def arrow(self) -> "pa.Schema":
        """The Arrow schema of the table's rows."""
        # Most commands never ask: loading Arrow takes as long as all else together, and 40 MB.
        from labelhouse.schema.arrow_types import arrow_schema

        return arrow_schema((column.name, column.sql_type) for column in self.columns)

    @cached_property
    def narrow_arrow(self) -> "pa.Schema":
        """The Arrow schema without the optional columns."""
        from labelhouse.schema.arrow_types import arrow_schema

        kept = self.columns[: len(self.columns) - len(self.optional)]
        return arrow_schema((column.name, column.sql_type) for column in kept)

    def ddl(self) -> list[str]:
        """Return the statements that create and describe the table."""
        name = quote_identifier(self.name)
        columns = ", ".join(f"{quote_identifier(c.name)} {c.sql_type}" for c in self.columns)
        return [
            f"create table if not exists {name} ({columns})",
            f"comment on table {name} is {quote_literal('One row per ' + self.grain + '.')}",
            *(
                f"comment on column {name}.{quote_identifier(c.name)} is {quote_literal(c.comment)}"
                for c in self.columns
            ),
        ]

    def adding_ddl(self, columns: Sequence[Column]) -> list[str]:
        """Return the statements that add columns at the end of the table."""
        name = quote_identifier(self.name)
        return [f"alter table {name} add column {quote_identifier(c.name)} {c.sql_type}" for c in columns]

    def empty_ddl(self, *, temporary: bool = True) -> str:
        """Return the statement that shows a table that an older warehouse lacks, without rows."""
        nulls = ", ".join(f"null::{c.sql_type} as {quote_identifier(c.name)}" for c in self.columns)
        kind = "temp view" if temporary else "view"
        return f"create or replace {kind} {quote_identifier(self.name)} as select {nulls} where false"

    def showing_ddl(self, columns: Sequence[Column], *, temporary: bool = True) -> str:
        """Return the statement that shows an older table with columns that it lacks, null in every row."""
        nulls = ", ".join(f"null::{c.sql_type} as {quote_identifier(c.name)}" for c in columns)
        name = quote_identifier(self.name)
        kind = "temp view" if temporary else "view"
        return f"create or replace {kind} {name} as select *, {nulls} from {LAKE}.main.{name}"


DOCUMENT_KEY = Column(
    "document_key",
    BIGINT,
    "Surrogate key of this version of the document: ingest_number * 2^32 + position in the source.",
    "delta",
)
