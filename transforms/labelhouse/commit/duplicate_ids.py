"""Find, inside a commit, ids that stand more than once in a document, in bounded memory."""

from collections.abc import Sequence

import duckdb

from labelhouse.commit.partitions import Part, run_parts
from labelhouse.sql_library.statements import statement


def find_repeats(connection: duckdb.DuckDBPyConnection, parts: Sequence[Part]) -> None:
    """Make the table `repeats` of the documents that the open transaction brings or replaces."""
    connection.execute(statement("repeats/no_ids"))
    run_parts(connection, "repeats/image_ids", parts)
    run_parts(connection, "repeats/annotation_ids", parts)
    connection.execute(statement("repeats/records"))
