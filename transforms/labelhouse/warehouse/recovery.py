"""Clean up what killed ingests left, at the start of the next one."""

from collections.abc import Sequence
from pathlib import Path

from labelhouse.lake.data_files import data_files, registered_files
from labelhouse.staging.pending_ingests import (
    announced_files,
    clear_pending,
    dead_runs,
    killed_ingests,
    remove_files,
)
from labelhouse.warehouse.change import change
from labelhouse.warehouse.guarding import after_commit
from labelhouse.warehouse.ledger import add_ledger_rows, known_ingests
from labelhouse.warehouse.warehouse import Warehouse


def recover(warehouse: Warehouse) -> int:
    """Remove leftovers of dead processes and record their ingests in the ledger.

    Files that a killed commit had moved but not registered are removed. Ingests whose commit went through
    stay as they are. Returns how many ingests were marked.
    """
    with warehouse.lock(), dead_runs(warehouse.staging) as folders:
        rows = [row for folder in folders for row in killed_ingests(folder)]
        ids = [str(row["ingest_id"]) for row in rows]
        known = known_ingests(warehouse.connection, ids)
        killed = [row for row in rows if row["ingest_id"] not in known]
        for row in killed:
            remove_files(list((warehouse.folder / "data").glob(f"main/*/{row['ingest_id']}-*.parquet")))
        _remove_unregistered(warehouse, folders)
        if killed:
            with change(
                warehouse, "killed ingests recorded", {"killed_ids": [row["ingest_id"] for row in killed]}
            ):
                waiting = add_ledger_rows(warehouse, killed)
            with after_commit("rows that waited are still there"):
                clear_pending(warehouse.staging, waiting)
        return len(killed)


def _remove_unregistered(warehouse: Warehouse, folders: Sequence[Path]) -> None:
    """Remove files that killed refreshes and maintenances had written, but not registered."""
    data = warehouse.folder / "data"
    files = [path for folder in folders for path in data.glob(f"main/*/{folder.name}-*.parquet")]
    written = {name for folder in folders for name in announced_files(folder)}
    files += [path for path in data_files(warehouse.folder) if path.name in written]
    if files:
        known = registered_files(warehouse.connection)
        remove_files([path for path in files if path.name not in known])
