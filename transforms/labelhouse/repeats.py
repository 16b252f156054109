"""Find, inside a commit, ids that stand more than once in a document, in bounded memory."""

import duckdb

from labelhouse.statements import statement

PART_RECORDS = 500_000
"""So many ids are compared at a time, in some 25 MB."""


def find_repeats(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the table `repeats` of the documents that the open transaction brings or replaces."""
    connection.execute(statement("repeats/versions"))
    images, annotations = connection.execute(statement("repeats/counts")).fetchone() or (0, 0)
    connection.execute(statement("repeats/no_ids"))
    in_parts(connection, "repeats/image_ids", images)
    in_parts(connection, "repeats/annotation_ids", annotations)
    connection.execute(statement("repeats/records"))


def in_parts(connection: duckdb.DuckDBPyConnection, name: str, records: int) -> None:
    """Run a statement for each of so many parts that one has PART_RECORDS records at most, or about so."""
    parts = -(-records // PART_RECORDS)
    for part in range(parts):
        connection.execute(statement(name), {"parts": parts, "part": part})
