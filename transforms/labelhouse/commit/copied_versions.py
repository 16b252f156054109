"""Give the statements of a small commit copies of its documents' rows instead of the warehouse's tables."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import duckdb

from labelhouse.commit.partitions import VersionRange
from labelhouse.schema.warehouse_tables import ANNOTATIONS, CATEGORIES, DOCUMENTS, IMAGES
from labelhouse.sql_library.statements import statement, statement_on

MOST_RECORDS = 20_000
"""A commit of more images or annotations than this reads the warehouse's tables; copies take tens of MB."""


@contextmanager
def copied_versions(connection: duckdb.DuckDBPyConnection, parts: Sequence[VersionRange]) -> Iterator[None]:
    """Hide documents, images, annotations and categories behind copies of the rows that a commit is about.

    DuckLake asks its catalog for statistics and files of a table each time that a statement names it. For
    few rows that takes several times as long as the work on them. The open transaction holds the versions
    that the commit brings and those that it replaces. Nothing is copied if they are many. If the block
    raises, the transaction has to end: its end removes the copies.
    """
    if not parts or sum(part.records for part in parts) > MOST_RECORDS:
        yield
        return
    keys = {"first_key": parts[0].first_key, "last_key": parts[-1].last_key}
    for table in (DOCUMENTS, IMAGES, ANNOTATIONS):
        connection.execute(statement_on(table.name, "commit/copy_versions"), keys)
    connection.execute(statement("commit/copy_categories"))
    yield
    for table in (DOCUMENTS, IMAGES, ANNOTATIONS, CATEGORIES):
        connection.execute(statement_on(table.name, "commit/drop_copy"))
