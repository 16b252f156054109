"""Check that a warehouse has the requested project."""

import os

import duckdb

from labelhouse.errors import UsageError
from labelhouse.lake.snapshot_connection import Connection
from labelhouse.reason_codes import ReasonCode
from labelhouse.sql_library.statements import statement


def require_project(
    connection: Connection | duckdb.DuckDBPyConnection, project: object, warehouse: str | os.PathLike[str]
) -> None:
    """Raise UsageError if no ingest, committed or not, was ever for the project; None is always accepted.

    The connection has the warehouse, or its published file, current.
    """
    if project is None:
        return
    known = [name for (name,) in connection.execute(statement("querying/project_names")).fetchall()]
    if project not in known:
        raise UsageError(
            ReasonCode.USAGE,
            "there is no such project",
            where=str(warehouse),
            remedy="'labelhouse status' lists them",
        )
