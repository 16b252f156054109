"""A warehouse in a folder of this machine: the catalog is a file, and so are the data and the records."""

import logging
import os
import platform
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from labelhouse.backups.generations import announce_change, generations, is_unsealed, newest_generation
from labelhouse.backups.lost_catalog import require_tables, require_true_catalog, require_whole_catalog
from labelhouse.backups.lost_files import unknown_files
from labelhouse.backups.restorations import accepted_files
from labelhouse.backups.sealing import seal
from labelhouse.errors import UsageError, WarehouseError
from labelhouse.files.durable_files import fsync_file, fsync_folder, move_durably
from labelhouse.files.fair_lock import FairLock
from labelhouse.lake.catalog_copy import FileVersion, catalog_version, copy_catalog
from labelhouse.lake.checksums import (
    accept_checksums,
    append_checksums,
    checksum_entry,
    forget_checksums,
    read_checksums,
)
from labelhouse.lake.data_files import data_files
from labelhouse.lake.engine import attach, connect_alone, connect_engine, data_of, detach
from labelhouse.lake.network_folder import refuse_network_folder
from labelhouse.lake.schema_check import missing_warehouse
from labelhouse.lake.warehouse_failures import warehouse_failure
from labelhouse.lake.warehouse_folder import (
    HOLDER,
    LOCK,
    NEW_CATALOG,
    has_catalog,
    holder_of,
    new_catalog_names,
    require_place_for_warehouse,
)
from labelhouse.manifest import StagedFile
from labelhouse.places.place import LedgerRow, Leftovers, MovedWarehouse, PlacedFile
from labelhouse.places.salt_file import read_salt, write_salt
from labelhouse.reason_codes import ReasonCode
from labelhouse.staging.pending_ingests import (
    BegunIngest,
    announce_files,
    announced_files,
    begin,
    clear_pending,
    dead_runs,
    killed_ingests,
    last_begun_number,
    other_runs,
    pending_rows,
    postpone,
    remove_files,
    run_folder,
)
from labelhouse.warehouse_layout import CATALOG, DATA, SALT, STAGING

_LOGGER = logging.getLogger(__name__)


class FolderPlace:
    """A folder; `address` and `workspace` are its path."""

    tries = 1
    at_once = 1

    def __init__(self, folder: Path) -> None:
        self.address = self.workspace = folder
        self.data = data_of(folder)
        self.published: str | None = None
        self.catalog_folder: Path | None = folder
        self.salt_lies_in = str(folder / SALT)

    @property
    def _staging(self) -> Path:
        return self.address / STAGING

    def require_warehouse(self) -> None:
        """Raise WarehouseError if the folder holds no warehouse, or one whose catalog is lost.

        Raises UsageError if it holds the catalog of another program.
        """
        require_whole_catalog(self.address)
        if not has_catalog(self.address):
            raise missing_warehouse(self.address)

    def is_made(self) -> bool:
        """Return whether the folder has a catalog."""
        return (self.address / CATALOG).is_file()

    def require_tables(self, catalog: Path) -> None:
        """Raise WarehouseError if a copy of the catalog holds no warehouse, but data is there."""
        require_tables(self.address, catalog)

    def require_folder(self, what: str) -> Path:
        """Return the folder, whatever it is for."""
        return self.address

    def connect(self, *, for_changes: bool = False, is_alone: bool = False) -> duckdb.DuckDBPyConnection:
        """Open an engine, which can reach files."""
        return connect_alone() if is_alone else connect_engine()

    def copy_catalog(self, target: Path, *, is_locked: bool = False) -> None:
        """Write the catalog, as it is at one moment, to a new file."""
        copy_catalog(self.address / CATALOG, target, is_locked=is_locked)

    def held(self) -> AbstractContextManager[None]:
        """Do nothing: files are opened in no time."""
        return nullcontext()

    def salt(self) -> str | None:
        """Return the salt in its file, None if there is none; raises WarehouseError for a damaged one."""
        return read_salt(self.address)

    def keep_salt(self, salt: str) -> str:
        """Write the salt to its file unless it is there."""
        if (known := self.salt()) is not None:
            return known
        write_salt(self.address, salt)
        return salt

    def readable(self) -> list[Path]:
        """Return the data folder."""
        return [self.address / DATA]

    def ports(self) -> list[int]:
        """Return no port."""
        return []

    def make_ready(self) -> None:
        """Make the folder, if it may become a warehouse; raises WarehouseError, UsageError."""
        folder = self.address
        require_whole_catalog(folder)
        refuse_network_folder(folder)
        try:
            require_place_for_warehouse(folder)
            for part in (DATA, STAGING):
                (folder / part).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise warehouse_failure(error, folder) or WarehouseError(
                ReasonCode.WRITE_FAILED,
                f"the warehouse folder cannot be made ({error.strerror})",
                where=str(folder),
                remedy="choose another with --warehouse",
            ) from None

    def lock(self) -> FairLock:
        """Return the lock of the folder, not yet taken."""
        return FairLock(self.address / LOCK)

    def holder(self) -> str:
        """Return in words which process holds the lock."""
        return holder_of(self.address) or "another process"

    def note_holder(self) -> None:
        """Let others see that this process holds the lock; the file only names it."""
        with suppress(OSError):
            (self.address / HOLDER).write_text(f"process {os.getpid()} on {platform.node()}")

    def open(self, connection: duckdb.DuckDBPyConnection, create: Callable[[], object]) -> bool:
        """Attach the catalog for changes, under the lock; make the first one with `create`."""
        folder = self.address
        # Checked again, because another process may have moved or removed it since.
        require_whole_catalog(folder)
        for part in (DATA, STAGING):
            (folder / part).mkdir(exist_ok=True)
        is_new = not has_catalog(folder)
        if is_new:
            self._make_catalog(connection, create)
        else:
            require_true_catalog(folder, last_begun_number(self._staging))
        self.attach(connection)
        return is_new

    def attach(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Attach the catalog for changes."""
        attach(connection, self.address)

    def _make_catalog(self, connection: duckdb.DuckDBPyConnection, create: Callable[[], object]) -> None:
        """Make the first catalog, which gets its name when it is complete: no process sees part of it."""
        folder = self.address
        for name in new_catalog_names():
            (folder / name).unlink(missing_ok=True)
        attach(connection, folder, NEW_CATALOG)
        create()
        # Closing brings SQLite's log into the file.
        detach(connection)
        fsync_file(folder / NEW_CATALOG)
        os.replace(folder / NEW_CATALOG, folder / CATALOG)
        fsync_folder(folder)

    def version(self) -> tuple[FileVersion | None, ...]:
        """Return the versions of the catalog and its log."""
        return catalog_version(self.address / CATALOG)

    def has_copy(self, snapshot: int) -> bool:
        """Return whether the newest copy is of this snapshot, and no change was announced since."""
        newest = newest_generation(self.address)
        return newest is not None and newest.snapshot_id == snapshot and not is_unsealed(self.address)

    def seal(self, connection: duckdb.DuckDBPyConnection, *, sealed: int) -> bool:
        """Hash what DuckLake wrote, and copy the catalog into backups/."""
        return seal(self.address, connection, sealed=sealed)

    def settle(self) -> None:
        """Do nothing: all is done under the lock."""

    def announce_change(self) -> None:
        """Announce a change of the catalog without a new snapshot."""
        announce_change(self.address)

    def send_ahead(self, files: Sequence[StagedFile]) -> None:
        """Do nothing: a file is moved in no time."""

    def take_back(self, files: Sequence[StagedFile]) -> None:
        """Do nothing, as nothing was sent."""

    def bring_in(self, files: Sequence[StagedFile], moved: list[str]) -> list[str]:
        """Move staged files to the folders of their tables, flushed to disk; return their paths."""
        by_table: dict[str, list[Path]] = {}
        for file in files:
            by_table.setdefault(file.table, []).append(Path(file.path))
        for table, paths in by_table.items():
            moved += [key_of(table, path) for path in paths]
            move_durably(paths, self._table_folder(table))
        return [str(self._table_folder(file.table) / Path(file.path).name) for file in files]

    def remove(self, keys: Sequence[str]) -> None:
        """Remove files that are not data; warn of those that stay."""
        remove_files([self.address / DATA / key for key in keys])

    def record_checksums(self, entries: Iterable[tuple[str, int, str]]) -> None:
        """Remember key, bytes and SHA-256 of files in checksums.jsonl."""
        append_checksums(self.address, entries)

    def sync(self) -> None:
        """Flush the names in the folder to disk."""
        fsync_folder(self.address)

    def run_folder(self, lock: AbstractContextManager[object]) -> AbstractContextManager[Path]:
        """Give this process a folder below staging/ that others leave alone as long as it lives."""
        return run_folder(self._staging, lock)

    def begin(
        self,
        lock: Callable[[], AbstractContextManager[None]],
        last_number: Callable[[], int],
        run: Path,
        project: str,
        sources: Sequence[str],
    ) -> list[BegunIngest]:
        """Begin ingests under the numbers above all that are known."""
        with lock():
            last = last_number()
            return [begin(self._staging, run, project, source, last) for source in sources]

    def require_running(self, ingests: Sequence[BegunIngest]) -> None:
        """Do nothing: the lock of its folder shows that a process lives."""

    def end(self, ingests: Sequence[BegunIngest]) -> None:
        """Remove the records of ingests."""
        for ingest in ingests:
            ingest.record.unlink()

    def postpone(self, ingest: BegunIngest, row: LedgerRow) -> None:
        """Keep the ledger row of an ingest in staging/pending."""
        postpone(self._staging, ingest, row)

    def waiting_rows(self, *, set_aside: bool = False) -> list[LedgerRow]:
        """Return the rows in staging/pending; with `set_aside` other files are renamed."""
        return pending_rows(self._staging, set_aside=set_aside)

    def clear_waiting(self, rows: Sequence[Mapping[str, object]]) -> None:
        """Remove the files of rows that are in the ledger now."""
        clear_pending(self._staging, rows)

    @contextmanager
    def leftovers(self) -> Iterator[Leftovers]:
        """Give what dead processes left below staging/; the caller holds the lock."""
        with dead_runs(self._staging) as folders:
            yield Leftovers(
                [row for folder in folders for row in killed_ingests(folder)],
                [folder.name for folder in folders],
                frozenset(name for folder in folders for name in announced_files(folder)),
            )

    def has_leftovers(self, own: Path) -> bool:
        """Return whether there are folders of other processes, living and dead."""
        return bool(other_runs(self._staging, own))

    def files_of(self, leftovers: Leftovers, ingest_ids: Sequence[str]) -> tuple[list[str], list[str]]:
        """Return the keys of the files of ingests, and of other files that dead processes wrote."""
        data = self.address / DATA
        of_ingests = [path for name in ingest_ids for path in data.glob(f"main/*/{name}-*.parquet")]
        others = [path for name in leftovers.prefixes for path in data.glob(f"main/*/{name}-*.parquet")]
        others += [path for path in data_files(self.address) if path.name in leftovers.names]
        return [self._key(path) for path in of_ingests], [self._key(path) for path in others]

    def written_files(self, table: str) -> set[str]:
        """Return the keys of the files in the folder of a table."""
        return {self._key(path) for path in self._table_folder(table).glob("*.parquet")}

    def keep_written(self, run: Path, keys: Sequence[str]) -> None:
        """Flush files to disk, and record them for the next start and with their checksums."""
        paths = [self.address / DATA / key for key in keys]
        for path in paths:
            fsync_file(path)
        for folder in {path.parent for path in paths}:
            fsync_folder(folder)
        announce_files(run, [path.name for path in paths])
        append_checksums(self.address, (checksum_entry(self.address, path) for path in paths))

    def files(self) -> Iterator[PlacedFile]:
        """Yield all files below the data folder; links to other folders are not followed."""
        for place, _, names in os.walk(self.address / DATA):
            for name in names:
                path = Path(place) / name
                status = path.lstat()
                yield PlacedFile(
                    self._key(path), status.st_size, datetime.fromtimestamp(status.st_mtime, UTC)
                )

    def kept_strangers(self, known: Set[str], restored_before: datetime) -> Callable[[str], bool]:
        """Return a test for files of commits that the catalog lacks, or lacked until a restoration."""
        given_up = accepted_files(self.address, since=restored_before)
        lost = {path.name for path in unknown_files(self.address, set(known))}
        if lost:
            _LOGGER.warning(
                "%s: %d files of commits that the catalog does not know are kept; "
                "labelhouse verify names them, labelhouse restore says what to do",
                self.address,
                len(lost),
            )
        return lambda name: name in lost or name in given_up

    def bytes_of(self, names: Sequence[str]) -> int:
        """Return the bytes of files that are there."""
        return sum(path.lstat().st_size for path in map(Path, names) if path.is_file())

    def forget_checksums(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Forget the checksums of files that are neither registered nor there."""
        forget_checksums(self.address, connection)

    def accept_checksums(self, keys: Sequence[str]) -> None:
        """Accept files without a checksum as they are now."""
        accept_checksums(self.address, keys)

    def checksums(self) -> dict[str, tuple[int, str]]:
        """Return bytes and SHA-256 of files by key."""
        return read_checksums(self.address)

    @contextmanager
    def fetched(self, key: str, spill: Path) -> Iterator[Path]:
        """Give the path of a file of the data."""
        yield self.address / DATA / key

    def sizes(self, connection: object) -> tuple[int, int]:
        """Count the files below the data folder, and the bytes of these and of the catalog."""
        sizes = list(self._sizes())
        return len(sizes), sum(sizes) + (self.address / CATALOG).stat().st_size

    def backups(self, snapshot: int) -> LedgerRow:
        """Return the count of the catalog's copies, the newest one's snapshot and time, and any fault."""
        copies = generations(self.address)
        newest = copies[-1] if copies else None
        problem = None
        if newest is None or newest.snapshot_id < snapshot:
            problem = "the newest state has no copy; the next command that writes makes one"
        elif newest.snapshot_id > snapshot:
            problem = "the catalog is older than its newest copy; run: labelhouse restore"
        return {
            "copies": len(copies),
            "snapshot_id": newest.snapshot_id if newest else None,
            "made_at": newest.made_at if newest else None,
            "problem": problem,
        }

    def receive(self, moved: MovedWarehouse) -> None:
        """Raise UsageError: a folder is copied as a folder."""
        raise UsageError(
            ReasonCode.USAGE,
            "this describes no shared warehouse",
            where=str(self.address),
            remedy="name one, such as team.toml; a folder is copied as docs/backup.md says",
        )

    def now(self) -> datetime:
        """Return the time of this machine."""
        return datetime.now(UTC)

    def _sizes(self) -> Iterator[int]:
        for path in (self.address / DATA).rglob("*.parquet"):
            # A maintenance may remove the file meanwhile.
            with suppress(FileNotFoundError):
                yield path.stat().st_size

    def _table_folder(self, table: str) -> Path:
        return self.address / DATA / "main" / table

    def _key(self, path: Path) -> str:
        return path.relative_to(self.address / DATA).as_posix()


def key_of(table: str, path: Path) -> str:
    """Return the key under which a staged file of a table becomes data."""
    return f"main/{table}/{path.name}"
