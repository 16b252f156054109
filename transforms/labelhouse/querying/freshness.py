"""Report whether the marts hold what the documents say."""

from labelhouse.lake.snapshot_connection import Connection
from labelhouse.sql_library.statements import statement


def are_marts_fresh(connection: Connection) -> bool:
    """Return whether the marts of the attached snapshot hold what its documents say."""
    [fresh] = connection.execute(statement("querying/are_marts_fresh")).fetchone() or (False,)
    return bool(fresh)
