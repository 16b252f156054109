"""Connect to the newest state of a warehouse, for readers that show the marts beside the tables."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import duckdb

from labelhouse.errors import WarehouseBusyError
from labelhouse.files.private_folder import private_folder
from labelhouse.lake.as_of import newest_snapshot
from labelhouse.lake.engine import detach
from labelhouse.lake.memory import bound_memory
from labelhouse.marts.refresh import refresh_marts
from labelhouse.places.finding import place_of
from labelhouse.querying.freshness import are_marts_fresh
from labelhouse.reason_codes import ReasonCode
from labelhouse.warehouse.snapshots import attach_newest, show_pending

MAX_REFRESHES = 10


@contextmanager
def newest(folder: Path, spill: Path, memory_bytes: int) -> Iterator[tuple[duckdb.DuckDBPyConnection, int]]:
    """Give a connection to the newest state of a warehouse in which the marts are fresh, and its snapshot.

    Commits that come while it is open do not show. The ingests that wait for the next commit do. DuckDB
    takes `memory_bytes` and spills the rest to `spill`.
    """
    place = place_of(folder)
    with private_folder() as private, closing(place.connect()) as connection:
        bound_memory(connection, memory_bytes, spill)
        for _ in range(MAX_REFRESHES):
            refresh_marts(folder)
            # Read before the snapshot: if a commit takes up an ingest in between, the ledger has it by
            # then.
            pending = place.waiting_rows()
            attach_newest(connection, place, private)
            snapshot_id = newest_snapshot(connection)
            if are_marts_fresh(connection):
                break
            # Another commit came between.
            detach(connection)
        else:
            raise WarehouseBusyError(
                ReasonCode.WAREHOUSE_BUSY,
                "ingests commit faster than the marts can be refreshed",
                where=str(folder),
                remedy="run again when fewer are running",
            )
        show_pending(connection, pending)
        yield connection, snapshot_id
