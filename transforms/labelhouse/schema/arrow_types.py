"""The Arrow types of columns; apart from schema/table.py, so that only who makes rows loads pyarrow."""

from collections.abc import Iterable

import pyarrow as pa

BIGINT = pa.int64()
DOUBLE = pa.float64()
VARCHAR = pa.string()
BOOLEAN = pa.bool_()

_SCALARS = {
    "BIGINT": BIGINT,
    "DOUBLE": DOUBLE,
    "VARCHAR": VARCHAR,
    "BOOLEAN": BOOLEAN,
    "TIMESTAMPTZ": pa.timestamp("us", tz="UTC"),
}


def arrow_schema(columns: Iterable[tuple[str, str]]) -> pa.Schema:
    """Return the schema of columns, given by name and type in DuckDB's words."""
    return pa.schema([pa.field(name, arrow_type(sql_type)) for name, sql_type in columns])


def arrow_type(sql_type: str) -> pa.DataType:
    """Return the Arrow type for a type in DuckDB's words."""
    if sql_type.endswith("[]"):
        return pa.list_(arrow_type(sql_type.removesuffix("[]")))
    return _SCALARS[sql_type]
