"""Tell whether a warehouse has the project that is asked for."""

import os

import duckdb

from labelhouse.errors import UsageError
from labelhouse.lake.snapshot_connection import Connection
from labelhouse.reason_codes import Code
from labelhouse.sql_library.statements import statement


def require_project(
    connection: Connection | duckdb.DuckDBPyConnection, project: object, warehouse: str | os.PathLike[str]
) -> None:
    """Raise UsageError if nobody ever loaded, or tried to load, into the project; None asks for none.

    The connection has the warehouse, or its published file, current.
    """
    if project is None:
        return
    known = [name for (name,) in connection.execute(statement("querying/project_names")).fetchall()]
    if project not in known:
        raise UsageError(
            Code.USAGE,
            "there is no such project",
            where=str(warehouse),
            remedy="'labelhouse status' lists them",
        )
