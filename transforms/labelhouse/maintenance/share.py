"""Copy a warehouse in a folder, with its history, to where a team shares it."""

import os
from dataclasses import dataclass
from pathlib import Path

from labelhouse.files.private_folder import private_folder
from labelhouse.lake.checksums import registered_files
from labelhouse.places.finding import place_of
from labelhouse.places.place import MovedWarehouse
from labelhouse.results import Result
from labelhouse.staging.pending_ingests import last_begun_number
from labelhouse.warehouse.guarding import guarded
from labelhouse.warehouse.ledger import last_used_number
from labelhouse.warehouse.opening import open_warehouse, require_warehouse
from labelhouse.warehouse.recovery import recover
from labelhouse.warehouse_layout import CATALOG, DATA, STAGING


@dataclass(frozen=True)
class ShareResult(Result):
    """How many files were copied, their bytes, and the highest ingest number so far."""

    files: int
    bytes: int
    last_ingest_number: int


def share(warehouse: str | os.PathLike[str], target: str | os.PathLike[str]) -> ShareResult:
    """Copy the warehouse in a folder to the database and the bucket that the file `target` describes.

    Documents, history, snapshots, the ledger and the salt are the same there, and ingest numbers go on. The
    folder stays as it is, and does not get what is loaded into the copy. Raises UsageError if the database
    holds a warehouse, WarehouseError if files are missing or one of the places cannot be reached; then the
    database holds none, and the same command goes on where it stopped.
    """
    folder = place_of(Path(warehouse)).require_folder("share")
    require_warehouse(folder)
    receiver = place_of(Path(target))
    with open_warehouse(folder) as opened, guarded(folder):
        recover(opened)
        with opened.lock(), private_folder() as private:
            files = registered_files(opened.connection)
            paths = {file.path for file in files}
            opened.place.copy_catalog(private / CATALOG, is_locked=True)
            moved = MovedWarehouse(
                where=str(folder),
                catalog=private / CATALOG,
                files=[(folder / DATA / file.path, file.path, file.bytes) for file in files],
                checksums={
                    path: entry for path, entry in opened.place.checksums().items() if path in paths
                },
                waiting=opened.place.waiting_rows(),
                # Ingests that wait have numbers that the ledger does not know.
                last_number=max(last_used_number(opened), last_begun_number(folder / STAGING)),
                salt=opened.place.salt(),
            )
            receiver.receive(moved)
    return ShareResult(len(files), sum(file.bytes for file in files), moved.last_number)
