"""An older warehouse: bring its tables to this build's, or read one of its states as if they were."""

import re

from labelhouse.lake.definitions import definitions
from labelhouse.lake.snapshot_connection import Connection
from labelhouse.schema.migrations import added_since, new_tables_since

_CREATES = re.compile(r"^create or replace ", re.MULTILINE)


def add_columns(connection: Connection, version: int) -> None:
    """Add to the tables of a version what they lack, in the open transaction; null in every row."""
    for table, columns in added_since(version).items():
        for text in table.adding_ddl(columns):
            connection.execute(text)


def show_as_newest(connection: Connection, version: int, *, temporary: bool = True) -> None:
    """Let a connection to a state of an older version see the tables and views of this build.

    They hide those of the state. They are temporary, or belong to the database that is current. Columns
    that it lacks are null, tables empty.
    """
    for table in new_tables_since(version):
        connection.execute(table.empty_ddl(temporary=temporary))
    for table, columns in added_since(version).items():
        connection.execute(table.showing_ddl(columns, temporary=temporary))
    for definition in definitions():
        if definition.kind != "table":
            text, *_ = definition.statements
            connection.execute(_CREATES.sub(r"\g<0>temp ", text, count=1) if temporary else text)
