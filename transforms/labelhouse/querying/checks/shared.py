"""Views that several checks read, computed once a run."""

from contextlib import suppress

import duckdb

from labelhouse.lake.snapshot_connection import Connection
from labelhouse.sql_library.statements import statement_on

SHARED_VIEWS = ("image_sizes", "track_labels", "tracks")
"""In the order in which they are computed: each reads those before it."""


def share_views(connection: Connection) -> None:
    """Hold the rows of these views in temporary tables of their names, which statements find first.

    DuckDB counts them as its memory, and spills them where they are too large. A view that the warehouse
    does not have yet, because an earlier build wrote it last, is left out: the checks that read it say so.
    """
    for view in SHARED_VIEWS:
        with suppress(duckdb.CatalogException):
            connection.execute(statement_on(view, "querying/share_view"))
