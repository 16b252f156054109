"""Compare the tables of a warehouse with those of this build, before anything is done to them.

A statement on a table with other columns may end the process inside DuckLake, with no error to catch.
"""

from itertools import groupby
from pathlib import Path

from labelhouse.errors import WarehouseError
from labelhouse.lake.snapshot_connection import Connection
from labelhouse.reason_codes import ReasonCode
from labelhouse.schema.migrations import columns_of, is_older
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
    version = schema_version(connection, folder)
    if version != SCHEMA_VERSION:
        raise WarehouseError(
            ReasonCode.SCHEMA_VERSION,
            f"the warehouse has schema version {version}, this Labelhouse {SCHEMA_VERSION}",
            where=str(folder),
            remedy="run: labelhouse --warehouse DIR migrate",
        )


def schema_version(connection: Connection, folder: Path) -> int:
    """Return the version of the attached warehouse's tables: that of this build, or an older one.

    Raises WarehouseError unless its tables are those of the version.
    """
    columns = _columns(connection)
    if FENCE.name not in columns:
        raise missing_warehouse(folder)
    if columns[FENCE.name] != _expected(FENCE, SCHEMA_VERSION):
        raise _other_schema(folder, "no schema version")
    [version] = connection.execute(statement("lake/schema_version")).fetchone() or (0,)
    if version != SCHEMA_VERSION and not is_older(version):
        raise _other_schema(folder, f"schema version {version}, this Labelhouse {SCHEMA_VERSION}")
    for table in TABLES:
        if table.name in columns and columns[table.name] != _expected(table, version):
            raise _other_schema(folder, f"other columns in {table.name} than this Labelhouse")
    known: int = version
    return known


def missing_warehouse(folder: Path) -> WarehouseError:
    """Return the error for a folder that holds no warehouse, or none yet."""
    return WarehouseError(
        ReasonCode.WAREHOUSE_MISSING,
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


def _expected(table: Table, version: int) -> list[tuple[str, str]]:
    return [(column.name, _TYPES.get(column.sql_type, "list")) for column in columns_of(table, version)]


def _other_schema(folder: Path, what: str) -> WarehouseError:
    return WarehouseError(
        ReasonCode.SCHEMA_VERSION,
        f"the warehouse has {what}",
        where=str(folder),
        remedy="use the version of Labelhouse that made it, or load its exports into a new folder",
    )
