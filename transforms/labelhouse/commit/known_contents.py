"""Notice documents that are new by name only: the warehouse has their images and labels already."""

import duckdb

from labelhouse.sql_library.statements import statement


def find_known_contents(connection: duckdb.DuckDBPyConnection, project: str) -> None:
    """Fill the table known_contents for a commit that brought documents for the first time.

    It reads the documents of the warehouse once, and the labels of those alone that are about as large as a
    new one: a few, with at most two million records.
    """
    connection.execute(statement("commit/add_equal_contents"), {"project": project})
    connection.execute(statement("commit/content_candidates"), {"project": project})
    [candidates] = connection.execute(statement("commit/content_candidate_count")).fetchone() or (0,)
    if candidates:
        connection.execute(statement("commit/add_similar_contents"), {"project": project})
