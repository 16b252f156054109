"""The one way to change a warehouse: lock, transaction, fence, message, commit, folder on disk."""

import logging
import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb

from labelhouse.lake.engine import add_data_files, set_commit_message
from labelhouse.manifest import StagedFile
from labelhouse.places.folder_place import key_of
from labelhouse.sql_library.statements import statement
from labelhouse.warehouse.guarding import after_commit
from labelhouse.warehouse.warehouse import Warehouse

_PAUSE_S = 0.5
_LOGGER = logging.getLogger(__name__)


class Change:
    """A transaction that is open: its connection, and the files that become data when it commits."""

    def __init__(self, warehouse: Warehouse) -> None:
        self.warehouse = warehouse
        self.connection = warehouse.connection
        self.id = secrets.token_hex(8)
        self.moved: list[str] = []
        """Keys of the files that this change brought there; removed if it does not commit."""

    def register(self, files: Sequence[StagedFile]) -> None:
        """Bring staged files where the data lies, under unique names, and register them.

        Their checksums are written before the commit, so that no crash separates files from their hashes.
        """
        place = self.warehouse.place
        by_table: dict[str, list[str]] = {}
        for file, name in zip(files, place.bring_in(files, self.moved), strict=True):
            by_table.setdefault(file.table, []).append(name)
        for table, names in by_table.items():
            add_data_files(self.connection, table, names)
        place.record_checksums(
            (key_of(file.table, Path(file.path)), file.bytes, file.sha256) for file in files
        )

    def is_committed(self) -> bool | None:
        """Return whether the catalog has this change; None if it does not answer."""
        for number in range(self.warehouse.place.tries):
            # A database that was started again, or a lost session, may answer the next time.
            time.sleep(_PAUSE_S * number)
            try:
                result = self.connection.execute(statement("warehouse/has_change"), {"change_id": self.id})
                [is_known] = result.fetchone() or (None,)
            except duckdb.Error:
                continue
            return None if is_known is None else bool(is_known)
        return None


@contextmanager
def change(
    warehouse: Warehouse,
    message: str,
    extra: Mapping[str, object],
    *,
    raises_fence: bool = True,
    dry_run: bool = False,
) -> Iterator[Change]:
    """Change the warehouse in one transaction under its lock; it becomes one snapshot, or nothing.

    The fence is a row that every change updates. If two processes whose locks do not see each other make
    changes at the same time, one change fails. `message` and `extra` describe the snapshot. With `dry_run`
    nothing is committed. When the block or the commit fails, the files that were moved into data/ are
    removed, unless the catalog may know them: then the next recovery or maintenance decides. If the engine
    reports a commit as failed but the catalog has it, it counts as done.
    """
    with warehouse.lock():
        opened = Change(warehouse)
        try:
            with warehouse.transaction(dry_run=dry_run) as connection:
                if raises_fence:
                    connection.execute(statement("warehouse/raise_fence"))
                yield opened
                set_commit_message(connection, message, {**extra, "change_id": opened.id})
        except BaseException as error:
            is_committed = opened.is_committed()
            if is_committed is False:
                warehouse.place.remove(opened.moved)
            if not is_committed or not isinstance(error, duckdb.Error):
                raise
            _LOGGER.warning("committed, although the engine says that it failed (%s)", type(error).__name__)
        if not dry_run:
            with after_commit("a power cut in the next seconds may undo it"):
                warehouse.place.sync()
