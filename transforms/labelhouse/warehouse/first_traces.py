"""Undo a first start that loaded nothing: a typo in a path makes none."""

import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from labelhouse.errors import LabelhouseError
from labelhouse.files.fair_lock import FairLock
from labelhouse.lake.checksums import CHECKSUMS
from labelhouse.lake.warehouse_folder import HOLDER, LOCK, TURN, has_catalog
from labelhouse.places.warehouse_file import is_warehouse_file
from labelhouse.sql_library.statements import statement
from labelhouse.warehouse.snapshots import open_snapshot
from labelhouse.warehouse_layout import BACKUPS, CATALOG, DATA, PARSED, SALT, STAGING

_RUNS = "run-*"


@dataclass(frozen=True, slots=True)
class FirstTraces:
    """What a first start leaves in a folder that held no warehouse."""

    folder: Path
    had_folder: bool

    @classmethod
    def before(cls, folder: Path) -> Self | None:
        """Return what `remove` needs to know before a start; None where a warehouse is."""
        if is_warehouse_file(folder):
            # It was made on purpose, and others may have begun to use it.
            return None
        try:
            return None if has_catalog(folder) else cls(folder.absolute(), folder.exists())
        except (LabelhouseError, OSError):
            # Opening the folder reports it.
            return None

    def remove(self) -> None:
        """Remove the warehouse if nothing was ever committed to it and no other process uses it."""
        lock = FairLock(self.folder / LOCK)
        # What cannot be removed, or is in use, is a warehouse like others: it stays.
        with suppress(LabelhouseError, OSError):
            if not lock.acquired(0):
                return
            try:
                if not self._is_empty():
                    return
                # Without its catalog no process takes the rest for a warehouse.
                for ending in ("", "-wal", "-shm"):
                    (self.folder / f"{CATALOG}{ending}").unlink(missing_ok=True)
                for part in (DATA, STAGING, BACKUPS, PARSED):
                    shutil.rmtree(self.folder / part, ignore_errors=True)
                (self.folder / CHECKSUMS).unlink(missing_ok=True)
                (self.folder / SALT).unlink(missing_ok=True)
            finally:
                lock.release()
            for name in (HOLDER, TURN, LOCK):
                (self.folder / name).unlink(missing_ok=True)
            if not self.had_folder:
                self.folder.rmdir()

    def _is_empty(self) -> bool:
        if any((self.folder / STAGING).glob(_RUNS)) or not has_catalog(self.folder):
            return False
        with open_snapshot(self.folder) as connection:
            [count] = connection.execute(statement("warehouse/kept_ingest_count")).fetchone() or (1,)
        return bool(count == 0)
