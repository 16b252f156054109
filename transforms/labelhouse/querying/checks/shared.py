"""Views that several checks read, computed once a run."""

from labelhouse.lake.snapshot_connection import Connection
from labelhouse.sql_library.statements import statement_on

SHARED_VIEWS = ("image_sizes", "track_labels", "tracks")
"""In the order in which they are computed: each reads those before it."""


def share_views(connection: Connection) -> None:
    """Hold the rows of these views in temporary tables of their names, which statements find first.

    DuckDB counts them as its memory, and spills them where they are too large.
    """
    for view in SHARED_VIEWS:
        connection.execute(statement_on(view, "querying/share_view"))
