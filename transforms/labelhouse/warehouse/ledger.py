"""The ledger: which ingests it has, which number comes next, and new rows."""

from collections.abc import Sequence

import duckdb

from labelhouse.backups.restorations import accepted_ingest_number
from labelhouse.lake.data_files import highest_ingest_number
from labelhouse.sql_library.statements import statement
from labelhouse.warehouse.warehouse import Warehouse


def last_used_number(warehouse: Warehouse) -> int:
    """Return the highest number of an ingest that the ledger has, or that a lost catalog may have had.

    A number is never used again.
    """
    last: int
    [last] = warehouse.connection.execute(statement("warehouse/last_ingest_number")).fetchone() or (0,)
    folder = warehouse.place.require_folder("giving out numbers")
    return max(last, highest_ingest_number(folder), accepted_ingest_number(folder))


def add_ledger_rows(warehouse: Warehouse, rows: Sequence[dict[str, object]]) -> Sequence[dict[str, object]]:
    """Write rows and those that wait into the ledger, in the open transaction; return those that waited."""
    waiting = warehouse.place.waiting_rows(set_aside=True)
    if waiting or rows:
        every = {"ledger_rows": [*waiting, *rows]}
        warehouse.connection.execute(statement("warehouse/add_ledger_rows"), every)
    return waiting


def known_ingests(connection: duckdb.DuckDBPyConnection, ingest_ids: list[str]) -> set[str]:
    """Return which of the ingests the ledger has."""
    rows = connection.execute(statement("warehouse/known_ingests"), {"ingest_ids": ingest_ids})
    return {row[0] for row in rows.fetchall()}
