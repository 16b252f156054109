"""Find the place that an address names: a folder, or the file that describes a shared warehouse."""

import os
from functools import lru_cache
from pathlib import Path

from labelhouse.places.folder_place import FolderPlace
from labelhouse.places.place import WarehousePlace
from labelhouse.places.shared_place import SharedPlace
from labelhouse.places.warehouse_file import is_warehouse_file


def place_of(address: str | os.PathLike[str]) -> WarehousePlace:
    """Return the place of a warehouse; raises UsageError for a file that describes none."""
    path = Path(address).absolute()
    if not is_warehouse_file(path):
        return FolderPlace(path)
    try:
        version = path.stat().st_mtime_ns
    except OSError:
        # Reading it says what is wrong.
        version = 0
    return _shared(path, version, os.environ.get("XDG_CACHE_HOME"))


@lru_cache(maxsize=16)
def _shared(path: Path, version: int, cache: str | None) -> WarehousePlace:
    # Threads and commands of one process share its sessions.
    return SharedPlace(path)
