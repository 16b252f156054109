"""End a change of the warehouse: hash what DuckLake wrote, then copy the catalog.

The newest copy is the seal: every registered file up to its snapshot has its checksum. After a crash before
the copy, the next process that opens the warehouse for writing does both.
"""

import logging
import sqlite3
from pathlib import Path

import duckdb

from labelhouse.backups.generations import newest_generation, write_generation
from labelhouse.errors import WarehouseError
from labelhouse.lake.checksums import record_checksums

_LOGGER = logging.getLogger(__name__)


def seal(folder: Path, connection: duckdb.DuckDBPyConnection, *, sealed: int) -> bool:
    """Write checksums and a copy of the catalog; the caller holds the lock and has just changed something.

    `sealed` is the snapshot up to which files have their checksums; it counts where there is no copy. A
    commit stays committed: a failure is logged, and the next change tries again. Returns whether all was
    written.
    """
    try:
        newest = newest_generation(folder)
        record_checksums(folder, connection, since=sealed if newest is None else newest.snapshot_id)
        write_generation(folder)
    except (OSError, sqlite3.Error, duckdb.Error, WarehouseError) as error:
        _LOGGER.warning(
            "%s: what was committed stays, but the catalog could not be copied into backups/ "
            "(%s); free space or mend permissions, the next change copies it",
            folder,
            _reason(error),
        )
        return False
    return True


def _reason(error: Exception) -> str:
    if isinstance(error, OSError):
        return error.strerror or "I/O error"
    return error.what if isinstance(error, WarehouseError) else type(error).__name__
