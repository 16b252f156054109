"""Let every cursor of an owner's connection see the tables by their bare names.

A cursor does not inherit which database is current, nor temporary tables. So the names are views of the
database in memory, which is current in every cursor. The connection itself reads the warehouse's own.
"""

from collections.abc import Sequence
from contextlib import suppress

import duckdb

from labelhouse.lake.definitions import definitions
from labelhouse.lake.engine import use, use_first
from labelhouse.sql_library.statements import statement, statement_on
from labelhouse.warehouse.older_schema import show_as_newest
from labelhouse.warehouse_layout import LAKE

MEMORY = "memory"


def show_to_cursors(
    connection: duckdb.DuckDBPyConnection, older_version: int | None, pending: Sequence[dict[str, object]]
) -> None:
    """Show the tables, views and macros of the warehouse in the database in memory.

    `older_version` is that of a state that lacks columns of this build. `ingests` also shows `pending`. A
    view that is broken in the warehouse is left out.
    """
    names = [name for (name,) in connection.execute(statement("warehouse/readable_names")).fetchall()]
    use(connection, MEMORY)
    # DuckLake reads its catalog again for each transaction.
    connection.begin()
    for name in names:
        with suppress(duckdb.BinderException, duckdb.CatalogException):
            connection.execute(statement_on(name, "warehouse/show_to_cursors"))
    if older_version is not None:
        show_as_newest(connection, older_version, temporary=False)
    else:
        for definition in definitions():
            if definition.kind == "macro":
                connection.execute(definition.statements[0])
    if pending:
        connection.execute(_in_memory("warehouse/pending_ingests"), {"ledger_rows": pending})
        connection.execute(_in_memory("warehouse/all_ingests"))
    connection.commit()
    # Its own tables come first: they can be read as of a snapshot, too.
    use_first(connection, LAKE, MEMORY)


def _in_memory(name: str) -> str:
    """Return a statement that makes something temporary as one that makes it in the current database."""
    text = statement(name).replace("temp.main.", f"{MEMORY}.main.")
    return text.replace("create temp ", "create or replace ")
