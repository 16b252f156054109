"""Clean up what killed ingests left, at the start of the next one."""

from collections.abc import Sequence
from pathlib import PurePosixPath

from labelhouse.lake.data_files import registered_files
from labelhouse.warehouse.change import change
from labelhouse.warehouse.guarding import after_commit
from labelhouse.warehouse.ledger import add_ledger_rows, known_ingests
from labelhouse.warehouse.warehouse import Warehouse


def recover(warehouse: Warehouse) -> int:
    """Remove leftovers of dead processes and record their ingests in the ledger.

    Files that a killed commit had moved but not registered are removed. Ingests whose commit went through
    stay as they are. Returns how many ingests were marked.
    """
    place = warehouse.place
    with warehouse.lock(), place.leftovers() as left:
        ids = [str(row["ingest_id"]) for row in left.rows]
        known = known_ingests(warehouse.connection, ids) if ids else set()
        killed = [row for row in left.rows if row["ingest_id"] not in known]
        killed_ids = [str(row["ingest_id"]) for row in killed]
        of_ingests, others = place.files_of(left, killed_ids)
        place.remove(of_ingests)
        _remove_unregistered(warehouse, others)
        if killed:
            with change(warehouse, "killed ingests recorded", {"killed_ids": killed_ids}):
                waiting = add_ledger_rows(warehouse, killed)
            with after_commit("rows that waited are still there"):
                place.clear_waiting(waiting)
        return len(killed)


def _remove_unregistered(warehouse: Warehouse, keys: Sequence[str]) -> None:
    """Remove those of some files that killed refreshes and maintenances had not registered."""
    if keys:
        known = registered_files(warehouse.connection)
        warehouse.place.remove([key for key in keys if PurePosixPath(key).name not in known])
