"""Compare the tables of a warehouse with those of this build, before anything is done to them.

A statement on a table with other columns may end the process inside DuckLake, with no error to catch.
"""

from itertools import groupby
from pathlib import Path

from labelhouse.errors import WarehouseError
from labelhouse.lake.snapshot_connection import Connection
from labelhouse.reason_codes import Code
from labelhouse.schema.table import BIGINT, BOOLEAN, DOUBLE, TIMESTAMP, VARCHAR, Table
from labelhouse.schema.warehouse_tables import FENCE, SCHEMA_VERSION, TABLES
from labelhouse.sql_library.statements import statement

_TYPES = {
    BIGINT: "int64",
    DOUBLE: "float64",
    VARCHAR: "varchar",
    BOOLEAN: "boolean",
    TIMESTAMP: "timestamptz",
}
"""Types as DuckLake's catalog names them; it names all others lists."""


def is_defined(connection: Connection) -> bool:
    """Return whether the attached catalog has the tables of a warehouse, of any version."""
    return FENCE.name in _columns(connection)


def require_schema(connection: Connection, folder: Path) -> None:
    """Raise WarehouseError unless the attached warehouse has the tables of this build.

    Tables may be missing: the next change makes them.
    """
    found = _columns(connection)
    if FENCE.name not in found:
        raise missing_warehouse(folder)
    if found[FENCE.name] != _expected(FENCE):
        raise _other_schema(folder, "no schema version")
    [version] = connection.execute(statement("lake/schema_version")).fetchone() or [None]
    if version != SCHEMA_VERSION:
        raise _other_schema(folder, f"schema version {version}, this Labelhouse {SCHEMA_VERSION}")
    for table in TABLES:
        if table.name in found and found[table.name] != _expected(table):
            raise _other_schema(folder, f"other columns in {table.name} than this Labelhouse")


def missing_warehouse(folder: Path) -> WarehouseError:
    """Return the error for a folder that holds no warehouse, or none yet."""
    return WarehouseError(
        Code.WAREHOUSE_MISSING,
        "no warehouse here",
        where=str(folder),
        remedy="load an export first: labelhouse --warehouse DIR ingest SOURCE",
    )


def _columns(connection: Connection) -> dict[str, list[tuple[str, str]]]:
    rows = connection.execute(statement("lake/table_columns")).fetchall()
    return {
        table: [(name, kind) for _, name, kind in members]
        for table, members in groupby(rows, lambda row: row[0])
    }


def _expected(table: Table) -> list[tuple[str, str]]:
    return [(column.name, _TYPES.get(column.sql_type, "list")) for column in table.columns]


def _other_schema(folder: Path, what: str) -> WarehouseError:
    return WarehouseError(
        Code.SCHEMA_VERSION,
        f"the warehouse has {what}",
        where=str(folder),
        remedy="use the version of Labelhouse that made it, or load its exports into a new folder",
    )
