"""Find, inside a commit, ids that occur more than once in a document, in bounded memory."""

from collections.abc import Sequence

import duckdb

from labelhouse.commit.partitions import VersionRange, run_parts
from labelhouse.sql_library.statements import statement


def find_duplicate_ids(connection: duckdb.DuckDBPyConnection, parts: Sequence[VersionRange]) -> None:
    """Make the table `duplicate_records` of the documents that the open transaction brings or replaces."""
    connection.execute(statement("commit/no_duplicate_ids"))
    run_parts(connection, "commit/duplicate_image_ids", parts)
    run_parts(connection, "commit/duplicate_annotation_ids", parts)
    connection.execute(statement("commit/duplicate_records"))
