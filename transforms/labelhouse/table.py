"""What a table is made of: columns with types and descriptions, from which DDL and Arrow schemas derive."""

from dataclasses import dataclass, field
from typing import Literal

import pyarrow as pa

from labelhouse.statements import quote_identifier, quote_literal

Encoding = Literal["plain", "dictionary", "delta"]

BIGINT = pa.int64()
DOUBLE = pa.float64()
VARCHAR = pa.string()
BOOLEAN = pa.bool_()
TIMESTAMP = pa.timestamp("us", tz="UTC")
POLYGONS = pa.list_(pa.list_(DOUBLE))


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, Arrow type, description, and the Parquet encoding that serves it best."""

    name: str
    type: pa.DataType
    comment: str
    encoding: Encoding = "plain"

    @property
    def sql_type(self) -> str:
        """Return the type in DuckDB's words."""
        return _sql_type(self.type)


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """One table: what a row stands for, its columns in order, and the Arrow schema of its batches."""

    name: str
    grain: str
    columns: tuple[Column, ...]
    sorted_by: tuple[str, ...] = ()
    arrow: pa.Schema = field(init=False)

    def __post_init__(self) -> None:
        schema = pa.schema([pa.field(c.name, c.type) for c in self.columns])
        object.__setattr__(self, "arrow", schema)

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


def _sql_type(kind: pa.DataType) -> str:
    if pa.types.is_list(kind):
        return _sql_type(kind.value_type) + "[]"
    return {
        BIGINT: "BIGINT",
        DOUBLE: "DOUBLE",
        VARCHAR: "VARCHAR",
        BOOLEAN: "BOOLEAN",
        TIMESTAMP: "TIMESTAMPTZ",
    }[kind]


DOCUMENT_KEY = Column(
    "document_key",
    BIGINT,
    "Surrogate key of this version of the document: ingest_number * 2^32 + position in the source.",
    "delta",
)
