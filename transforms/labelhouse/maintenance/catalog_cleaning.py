"""Rewrite a catalog without what it once held."""

import sqlite3
from contextlib import closing
from pathlib import Path

from labelhouse.lake.catalog_copy import BUSY_TIMEOUT_S, catalog_failure, in_a_process
from labelhouse.sql_library.statements import statement


def clean_catalog(catalog: Path) -> None:
    """Rewrite a catalog without the bytes of rows that it once held; the caller holds the warehouse's lock.

    Statistics of text columns say what those of the present files say. SQLite does it as one transaction.
    Raises WarehouseError if another process keeps the catalog open, or it cannot be written.
    """
    try:
        # A process of its own, whatever threads of this one have the catalog open.
        in_a_process("maintenance.catalog_cleaning", "_clean", catalog)
    except sqlite3.Error as error:
        raise catalog_failure(error, catalog) from None


def _clean(catalog: Path) -> None:
    with closing(sqlite3.connect(catalog, timeout=BUSY_TIMEOUT_S, isolation_level=None)) as opened:
        opened.execute(statement("maintenance/narrow_statistics"))
        # Free pages keep the bytes of the rows that they held, and so does the log.
        opened.execute("vacuum")
        [is_busy, *_] = opened.execute("pragma wal_checkpoint(truncate)").fetchone()
        if is_busy:
            raise sqlite3.OperationalError("database is locked")
