"""Make staged files data: moved to the files of their tables, registered, their hashes written down."""

from collections.abc import Sequence
from pathlib import Path

from labelhouse.files.durable_files import move_durably
from labelhouse.lake.checksums import append_checksums
from labelhouse.lake.engine import add_data_files
from labelhouse.manifest import StagedFile
from labelhouse.warehouse.warehouse import Warehouse
from labelhouse.warehouse_layout import DATA


def register(warehouse: Warehouse, files: Sequence[StagedFile], moved: list[Path]) -> None:
    """Move staged files under names that nobody else has, and register them in the open transaction.

    `moved` gets their new paths, which whoever calls removes if the transaction does not commit.
    """
    by_table: dict[str, list[StagedFile]] = {}
    for file in files:
        by_table.setdefault(file.table, []).append(file)
    entries = []
    for table, staged in by_table.items():
        folder = warehouse.data_folder(table)
        targets = [folder / Path(file.path).name for file in staged]
        moved += targets
        move_durably([Path(file.path) for file in staged], folder)
        add_data_files(warehouse.connection, table, targets)
        for target, file in zip(targets, staged, strict=True):
            path = target.relative_to(warehouse.folder / DATA).as_posix()
            entries.append((path, file.bytes, file.sha256))
    # Before the commit, so that no crash parts files from their hashes.
    append_checksums(warehouse.folder, entries)
