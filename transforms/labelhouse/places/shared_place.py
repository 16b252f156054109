"""A warehouse that a team shares: the catalog is a PostgreSQL database, the data lies in a bucket.

Each machine has a workspace of its own, which holds nothing that another one needs. Readers get a copy of
the catalog in a file, as they do in a folder, so they see one state and never reach the database.
"""

import logging
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import cast

import duckdb
from filelock import FileLock

from labelhouse.errors import LabelhouseError, UsageError, WarehouseBusyError, WarehouseError
from labelhouse.files.durable_files import writing
from labelhouse.lake.checksums import registered_files
from labelhouse.lake.engine import (
    OBJECTS,
    POSTGRES,
    attach_postgres,
    connect_alone,
    connect_engine,
    create_secret,
)
from labelhouse.lake.network_folder import is_shared_by_machines, kind_of
from labelhouse.lake.schema_check import missing_warehouse
from labelhouse.lake.snapshot_connection import Connection
from labelhouse.manifest import StagedFile
from labelhouse.places.advisory_lock import AdvisoryLock
from labelhouse.places.folder_place import key_of
from labelhouse.places.object_folder import ObjectFolder, engine_settings, store_port
from labelhouse.places.place import LedgerRow, Leftovers, MovedWarehouse, PlacedFile
from labelhouse.places.side_tables import LEASE_S, SideTables
from labelhouse.places.warehouse_file import read_warehouse_file
from labelhouse.reason_codes import ReasonCode
from labelhouse.schema.data_file_names import TABLE_NAMES
from labelhouse.sql_library.statements import statement
from labelhouse.staging.pending_ingests import BegunIngest, dead_runs, killed_row, new_ingest_id, run_folder
from labelhouse.warehouse_layout import STAGING

_SWEEPING = "sweeping.lock"
_KEPT = "catalog"
_RECEIVING_S = 60.0
_CATALOG_SECRET, _STORE_SECRET = "labelhouse_catalog", "labelhouse_store"
_NAMING = (
    *("/etc/hosts", "/etc/resolv.conf", "/etc/nsswitch.conf", "/etc/host.conf", "/etc/gai.conf"),
    *("/run/systemd/resolve", "/etc/ssl", "/etc/pki", "/usr/share/ca-certificates"),
)
"""Files that the system reads to find a machine by its name, and to trust it."""
_LOGGER = logging.getLogger(__name__)


class SharedPlace:
    """What a file that describes a warehouse names; sessions are opened when they are needed."""

    catalog_folder: Path | None = None
    tries = 5
    at_once = 4

    def __init__(self, address: Path) -> None:
        described = read_warehouse_file(address)
        self.address = address
        self.salt_lies_in = str(address)
        self.workspace = described.workspace
        self.data = described.data
        self.published = described.published
        self._catalog = described.catalog
        self._side = SideTables(described.catalog, address)
        self._objects = ObjectFolder(described.data, address)
        self._sent: set[str] = set()

    @property
    def _staging(self) -> Path:
        return self.workspace / STAGING

    def require_warehouse(self) -> None:
        """Raise WarehouseError if the database holds no warehouse, UsageError for that of other data."""
        # A process that was killed early leaves an empty catalog.
        if not (self._has_catalog() and self._side.has_loads()):
            raise missing_warehouse(self.address)

    def _has_catalog(self) -> bool:
        """Return whether the database holds a catalog; raises UsageError for that of other data."""
        if not self._side.has_catalog():
            return False
        if self._side.data_path() not in (None, self.data):
            raise UsageError(
                ReasonCode.USAGE,
                "the catalog in the database is of other data",
                where=str(self.address),
                remedy="correct catalog or data; a database holds one warehouse",
            )
        return True

    def is_made(self) -> bool:
        """Return whether the workspace was made, which loads do."""
        return self._staging.is_dir()

    def require_tables(self, catalog: Path) -> None:
        """Do nothing: a copy of the catalog is never that of another warehouse."""

    def require_folder(self, what: str) -> Path:
        """Raise WarehouseError: `what` works in a folder only."""
        raise _not_shared(self.address, what)

    def connect(self, *, for_changes: bool = False, is_alone: bool = False) -> duckdb.DuckDBPyConnection:
        """Open an engine that can reach the store; `for_changes` also the database."""
        settings = engine_settings(self.address)
        extensions = (OBJECTS, POSTGRES) if for_changes else (OBJECTS,)
        connection = connect_alone(extensions) if is_alone else connect_engine(extensions=extensions)
        create_secret(connection, _STORE_SECRET, "s3", {"SCOPE": self.data, **settings})
        if for_changes:
            names = {"dbname": "DATABASE"}
            values = {names.get(k, k.upper()): v for k, v in self._catalog.parameters().items()}
            create_secret(connection, _CATALOG_SECRET, "postgres", values)
        return connection

    def copy_catalog(self, target: Path, *, is_locked: bool = False) -> None:
        """Write the catalog, as it is at one moment, to a new file, which DuckLake reads as its own."""
        try:
            self._side.copy_catalog(target, self.workspace / _KEPT)
        except sqlite3.Error as error:
            raise WarehouseError(
                ReasonCode.WRITE_FAILED,
                f"the copy of the catalog cannot be written ({type(error).__name__})",
                where=str(target.parent),
                remedy="free space there, or set TMPDIR to a folder on a larger disk, and run again",
            ) from None

    def held(self) -> AbstractContextManager[None]:
        """Keep the session with the database for the duration of the block."""
        return self._side.held()

    def salt(self) -> str | None:
        """Return the salt in the table beside the catalog, None if there is none."""
        return self._side.salt()

    def keep_salt(self, salt: str) -> str:
        """Keep the salt in the table beside the catalog unless another machine has done so."""
        return self._side.keep_salt(salt)

    def readable(self) -> list[Path]:
        """Return the files by which the system finds the store."""
        return [Path(path) for path in _NAMING]

    def ports(self) -> list[int]:
        """Return the port of the store, and that of name servers."""
        return [store_port(), 53]

    def make_ready(self) -> None:
        """Make the workspace; raises WarehouseError where machines would share it."""
        kind = kind_of(self.workspace)
        if is_shared_by_machines(kind):
            raise WarehouseError(
                ReasonCode.NETWORK_FOLDER,
                f"the workspace is on a network file system ({kind}), and belongs to one machine",
                where=str(self.workspace),
                remedy=f"name a folder on a local disk as workspace in {self.address.name}",
            )
        with writing("the workspace"):
            self._staging.mkdir(parents=True, exist_ok=True)

    def lock(self) -> AdvisoryLock:
        """Return the lock of the database, not yet taken."""
        return AdvisoryLock(self._catalog, self.address)

    def holder(self) -> str:
        """Return in words which process holds the lock."""
        with closing(AdvisoryLock(self._catalog, self.address)) as lock:
            return lock.holder()

    def note_holder(self) -> None:
        """Do nothing: the database shows it."""

    def open(self, connection: duckdb.DuckDBPyConnection, create: Callable[[], object]) -> bool:
        """Attach the catalog, which DuckLake makes if there is none, and make the tables beside it."""
        is_new = not self._has_catalog()
        self.attach(connection)
        if not self._side.is_made():
            create()
            self._side.make()
            [last] = connection.execute(statement("places/last_ingest_number")).fetchone() or (0,)
            self._side.start_numbers_after(int(last))
        return is_new

    def attach(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Attach the catalog for changes."""
        attach_postgres(connection, self.address, self.data, _CATALOG_SECRET)

    def version(self) -> None:
        """Return nothing: only our own transactions change the catalog."""

    def has_copy(self, snapshot: int) -> bool:
        """Return true: `settle` sees to the checksums, and the database to copies."""
        return True

    def seal(self, connection: duckdb.DuckDBPyConnection, *, sealed: int) -> bool:
        """Do nothing under the lock: the database has its own copies."""
        return True

    def settle(self) -> None:
        """Remember the checksums of the files that DuckLake wrote, the lock being free again.

        A failure is logged, and the next change of any process tries again.
        """
        try:
            entries = self._objects.checksums(self._side.unhashed_files())
            self._side.add_checksums(entry for entry in entries if entry is not None)
        except LabelhouseError as error:
            _LOGGER.warning(
                "%s: what was committed stays, but its files have no checksums yet (%s)",
                self.address,
                error.what,
            )

    def announce_change(self) -> None:
        """Do nothing: no copy of the catalog depends on it."""

    def send_ahead(self, files: Sequence[StagedFile]) -> None:
        """Upload staged files under their final names; no reader sees them before they are registered."""
        missing = [file for file in files if file.path not in self._sent]
        self._objects.put([(Path(file.path), key_of(file.table, Path(file.path))) for file in missing])
        self._sent.update(file.path for file in missing)

    def take_back(self, files: Sequence[StagedFile]) -> None:
        """Remove uploaded files that did not become data."""
        sent = [file for file in files if file.path in self._sent]
        self._sent.difference_update(file.path for file in sent)
        self._objects.remove([key_of(file.table, Path(file.path)) for file in sent])

    def bring_in(self, files: Sequence[StagedFile], moved: list[str]) -> list[str]:
        """Upload what was not sent ahead; return the addresses. From now on `moved` says what to remove."""
        keys = [key_of(file.table, Path(file.path)) for file in files]
        moved += keys
        self.send_ahead(files)
        self._sent.difference_update(file.path for file in files)
        return [self._objects.url(key) for key in keys]

    def remove(self, keys: Sequence[str]) -> None:
        """Remove objects that are not data; warn of those that stay."""
        self._objects.remove(keys)

    def record_checksums(self, entries: Iterable[tuple[str, int, str]]) -> None:
        """Remember key, bytes and SHA-256 of files in the table beside the catalog."""
        self._side.add_checksums(entries)

    def sync(self) -> None:
        """Do nothing: the database and the store have done it."""

    @contextmanager
    def run_folder(self, lock: AbstractContextManager[object]) -> Iterator[Path]:
        """Give this process a folder of the workspace, and a row of its own that it renews."""
        with run_folder(self._staging, self._sweeping()) as folder, self._side.at_work(folder.name):
            try:
                yield folder
            finally:
                self._sent = {path for path in self._sent if Path(path).parent != folder}
                self._forget_run(folder.name)

    def _sweeping(self) -> FileLock:
        """Return the lock of this machine's processes that sweep the workspace."""
        return FileLock(self._staging / _SWEEPING)

    def _forget_run(self, run: str) -> None:
        try:
            self._side.remove_runs([run])
        except WarehouseError as error:
            _LOGGER.warning(
                "%s: %s; others see this process end in %d s", self.address, error.what, LEASE_S
            )

    def begin(
        self,
        lock: Callable[[], AbstractContextManager[None]],
        last_number: Callable[[], int],
        run: Path,
        project: str,
        sources: Sequence[str],
    ) -> list[BegunIngest]:
        """Begin ingests under numbers of the database's sequence, without the lock."""
        ingests = [
            BegunIngest(new_ingest_id(number), number, project, source, run)
            for number, source in zip(self._side.next_numbers(len(sources)), sources, strict=True)
        ]
        self._side.add_attempts(run.name, [ingest.row("rejected") for ingest in ingests])
        return ingests

    def require_running(self, ingests: Sequence[BegunIngest]) -> None:
        """Raise WarehouseError if others took this process for dead, and ended its ingests."""
        if self._side.running_count([ingest.ingest_number for ingest in ingests]) < len(ingests):
            raise WarehouseError(
                ReasonCode.INTERRUPTED,
                f"this process gave no sign for {LEASE_S} s, and others recorded its ingest as killed",
                where=str(self.address),
                remedy="check the network to the database, and run it again",
                may_pass=True,
            )

    def end(self, ingests: Sequence[BegunIngest]) -> None:
        """Record that ingests have ended."""
        self._side.end([ingest.ingest_number for ingest in ingests])

    def postpone(self, ingest: BegunIngest, row: LedgerRow) -> None:
        """Keep the ledger row of an ingest beside the catalog, where all machines see it."""
        self._side.postpone(row)

    def waiting_rows(self, *, set_aside: bool = False) -> list[LedgerRow]:
        """Return the ledger rows that wait for the next commit of any machine."""
        return self._side.waiting_rows()

    def clear_waiting(self, rows: Sequence[Mapping[str, object]]) -> None:
        """Forget rows that are in the ledger now."""
        self._side.remove_waiting(rows)

    @contextmanager
    def leftovers(self) -> Iterator[Leftovers]:
        """Give what dead processes of any machine left; the caller holds the lock."""
        with self._sweeping(), dead_runs(self._staging) as folders:
            runs = self._side.dead_runs([folder.name for folder in folders])
            rows = [killed_row(row) for row in self._side.open_rows(runs)]
            yield Leftovers(rows, runs, runs=runs)
            self._side.end([int(str(row["ingest_number"])) for row in rows])
            self._side.remove_runs(runs)

    def has_leftovers(self, own: Path) -> bool:
        """Return whether a process of any machine has died, or one of this machine may have."""
        with self._sweeping(), dead_runs(self._staging, removes=False) as folders:
            known = [folder.name for folder in folders]
        return bool(known or self._side.dead_runs([]))

    def files_of(self, leftovers: Leftovers, ingest_ids: Sequence[str]) -> tuple[list[str], list[str]]:
        """Return the keys of the objects of ingests, and of others that dead processes wrote."""
        of_ingests, others = (
            [
                key
                for name in names
                for table in sorted(TABLE_NAMES)
                for key in self._objects.keys(f"main/{table}/{name}-")
            ]
            for names in (ingest_ids, leftovers.prefixes)
        )
        return of_ingests, others

    def written_files(self, table: str) -> set[str]:
        """Return nothing: other machines send their files ahead at any time."""
        return set()

    def keep_written(self, run: Path, keys: Sequence[str]) -> None:
        """Do nothing: `settle` hashes them, and maintenance removes those that did not become data."""

    def files(self) -> Iterator[PlacedFile]:
        """Yield all objects below the data's prefix."""
        return self._objects.files()

    def kept_strangers(self, known: Set[str], restored_before: datetime) -> Callable[[str], bool]:
        """Return a test for the objects of processes that are at work, or whose end is not recorded yet."""
        prefixes = tuple(f"{name}-" for name in self._side.open_names())
        return lambda name: name.startswith(prefixes)

    def bytes_of(self, names: Sequence[str]) -> int:
        """Return the bytes of objects that are there."""
        return self._objects.bytes_of([name.removeprefix(self.data) for name in names])

    def forget_checksums(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Forget the checksums of files that are neither registered nor there."""
        known = {file.path for file in registered_files(connection)}
        gone = [path for path in self._side.checksums() if path not in known]
        if gone:
            there = {file.key for file in self._objects.files()}
            self._side.remove_checksums([path for path in gone if path not in there])

    def accept_checksums(self, keys: Sequence[str]) -> None:
        """Accept objects without a checksum as they are now."""
        self._side.add_checksums(entry for entry in self._objects.checksums(keys) if entry is not None)

    def checksums(self) -> dict[str, tuple[int, str]]:
        """Return bytes and SHA-256 of files by key."""
        return self._side.checksums()

    @contextmanager
    def fetched(self, key: str, spill: Path) -> Iterator[Path]:
        """Give an object as a file below `spill`; raises FileNotFoundError, WarehouseError."""
        path = spill / PurePosixPath(key).name
        try:
            self._objects.fetch(key, path)
            yield path
        finally:
            path.unlink(missing_ok=True)

    def sizes(self, connection: object) -> tuple[int, int]:
        """Count the files that the catalog needs, and their bytes."""
        files = registered_files(cast("Connection", connection))
        return len(files), sum(file.bytes for file in files)

    def backups(self, snapshot: int) -> LedgerRow:
        """Return that there are no copies of ours: the database has its own."""
        return {"copies": 0, "snapshot_id": None, "made_at": None, "problem": None}

    def receive(self, moved: MovedWarehouse) -> None:
        """Take over a warehouse: its files first, then its catalog in one transaction of the database.

        If it fails, the database holds no warehouse, and files that were uploaded are there for the next
        try. Raises UsageError if the database holds a warehouse, WarehouseError for a file that is missing
        or damaged.
        """
        self.make_ready()
        self._refuse_a_second_one()
        self._objects.put_missing(moved.files, moved.where)
        with closing(self.lock()) as lock:
            if not lock.acquired(_RECEIVING_S):
                raise WarehouseBusyError(
                    ReasonCode.WAREHOUSE_BUSY,
                    f"{lock.holder()} works on it",
                    where=str(self.address),
                    remedy="run it again later",
                    may_pass=True,
                )
            self._refuse_a_second_one()
            with closing(self.connect(for_changes=True, is_alone=True)) as connection:
                # DuckLake makes the tables of its catalog.
                self.attach(connection)
            self._side.receive(moved, self.data)

    def _refuse_a_second_one(self) -> None:
        if self._has_catalog() and self._side.is_made():
            raise UsageError(
                ReasonCode.USAGE,
                "the database holds a warehouse already",
                where=str(self.address),
                remedy="name an empty database as catalog",
            )

    def now(self) -> datetime:
        """Return the time of the database's server, which all machines agree on."""
        return self._side.now()


def _not_shared(address: Path, what: str) -> WarehouseError:
    """Return the error for what does not work on a shared warehouse."""
    return WarehouseError(
        ReasonCode.NOT_SHARED,
        f"{what} does not work on a shared warehouse yet",
        where=str(address),
        remedy="docs/team.md says what does",
    )
