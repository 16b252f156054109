"""What differs between a warehouse in a folder and one that a team shares; no other room knows which."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

import duckdb

from labelhouse.manifest import StagedFile
from labelhouse.staging.pending_ingests import BegunIngest

LedgerRow = dict[str, object]


class WarehouseLock(Protocol):
    """The right to change a warehouse, which dies with its process."""

    @property
    def count(self) -> int:
        """How many times this process holds it."""

    @property
    def waited_s(self) -> float:
        """Seconds spent on waiting for it so far."""

    def acquired(self, timeout_s: float) -> bool:
        """Take it, once more if this process holds it; return False if it is not free in time."""

    def release(self) -> None:
        """Release it once."""

    def close(self) -> None:
        """End what it holds open while no process has it."""


@dataclass(frozen=True, slots=True)
class PlacedFile:
    """A file that lies where the data lies, whether it is data or not."""

    key: str
    bytes: int
    written_at: datetime


@dataclass(frozen=True, slots=True)
class Leftovers:
    """What dead processes left: rows for the ledger of their ingests, and the names of their own files."""

    rows: Sequence[LedgerRow] = ()
    prefixes: Sequence[str] = ()
    """How the names of files begin that a dead process had not registered, besides those of its ingests."""
    names: frozenset[str] = frozenset()
    """Names of files that it was about to register."""
    runs: Sequence[str] = field(default=())


@dataclass(frozen=True, slots=True)
class MovedWarehouse:
    """All that a warehouse is, for a place that takes it over; `where` is what errors name."""

    where: str
    catalog: Path
    """A copy of its catalog, as of the moment of the rest."""
    files: Sequence[tuple[Path, str, int]]
    """Its files: where each lies, its key below the data, and its bytes."""
    checksums: Mapping[str, tuple[int, str]]
    waiting: Sequence[LedgerRow]
    last_number: int
    """The highest ingest number that was ever given."""
    salt: str | None


class WarehousePlace(Protocol):
    """Where the catalog, the data and the records of a warehouse are. Keys are paths below the data."""

    address: Path
    """What the user calls the warehouse, and what errors name: a folder, or a file that describes it."""
    workspace: Path
    """Folder of this machine for staged files, what is known of sources, and published files."""
    data: str
    """Where the data lies, as the engine names it; it ends with a slash."""
    published: str | None
    """Where `publish` writes by default, a path or an address; None is a folder in the workspace."""
    salt_lies_in: str
    """What errors name as the place of the salt."""
    catalog_folder: Path | None
    """The folder with the catalog's file, its copies and its checksums, where there is one."""
    at_once: int
    """How many files are worth reading at the same time."""
    tries: int
    """How often a change is tried that another one came before."""

    def require_warehouse(self) -> None:
        """Raise WarehouseError if there is no warehouse."""

    def is_made(self) -> bool:
        """Return whether the workspace belongs to a warehouse, as far as this machine can tell."""

    def require_tables(self, catalog: Path) -> None:
        """Raise WarehouseError if a copy of the catalog is not that of the warehouse."""

    def require_folder(self, what: str) -> Path:
        """Return the folder of the warehouse; raise WarehouseError where `what` needs one."""

    def connect(self, *, for_changes: bool = False, is_alone: bool = False) -> duckdb.DuckDBPyConnection:
        """Open an engine that can reach the data; `for_changes` also the catalog."""

    def copy_catalog(self, target: Path, *, is_locked: bool = False) -> None:
        """Write the catalog, as it is at one moment, to a new file, which the engine reads."""

    def held(self) -> AbstractContextManager[None]:
        """Keep for the duration of the block what it costs to open."""

    def readable(self) -> list[Path]:
        """Return the files and folders that a confined reader opens besides its own."""

    def ports(self) -> list[int]:
        """Return the TCP ports that a confined reader connects to."""

    def make_ready(self) -> None:
        """Check, before the lock is taken, that the warehouse can be opened for changes or made."""

    def salt(self) -> str | None:
        """Return the salt that ties tokens to people, None if the warehouse has none yet.

        Raises WarehouseError for a damaged one.
        """

    def keep_salt(self, salt: str) -> str:
        """Keep a salt if the warehouse has none, under the lock; return the one that it has."""

    def lock(self) -> WarehouseLock:
        """Return the warehouse's lock, not yet taken."""

    def holder(self) -> str:
        """Return in words which process holds the lock."""

    def note_holder(self) -> None:
        """Let others see that this process holds the lock."""

    def open(self, connection: duckdb.DuckDBPyConnection, create: Callable[[], object]) -> bool:
        """Attach the catalog for changes, under the lock; return whether `create` has just made it."""

    def attach(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Attach the catalog for changes again."""

    def version(self) -> object:
        """Return what differs when a process has changed the catalog, if the place can tell."""

    def has_copy(self, snapshot: int) -> bool:
        """Return whether the state with this newest snapshot has been sealed."""

    def seal(self, connection: duckdb.DuckDBPyConnection, *, sealed: int) -> bool:
        """Seal the newest state, under the lock; return whether it worked. A failure is logged."""

    def settle(self) -> None:
        """Do what a change leaves to do after the lock was released."""

    def announce_change(self) -> None:
        """Announce a change of the catalog without a new snapshot; the caller holds the lock."""

    def send_ahead(self, files: Sequence[StagedFile]) -> None:
        """Bring staged files, before the lock is taken, where they will be data."""

    def take_back(self, files: Sequence[StagedFile]) -> None:
        """Remove files that were sent ahead and did not become data."""

    def bring_in(self, files: Sequence[StagedFile], moved: list[str]) -> list[str]:
        """Bring staged files where they will be data; return how the engine names them.

        Their keys are added to `moved` first: what is to be removed if the change is undone.
        """

    def remove(self, keys: Sequence[str]) -> None:
        """Remove files that are not data; warn of those that stay."""

    def record_checksums(self, entries: Iterable[tuple[str, int, str]]) -> None:
        """Remember key, bytes and SHA-256 of files, durably."""

    def sync(self) -> None:
        """Flush to disk what a commit has written, where that is the caller's to do."""

    def run_folder(self, lock: AbstractContextManager[object]) -> AbstractContextManager[Path]:
        """Give this process a folder that others leave alone as long as it lives."""

    def begin(
        self,
        lock: Callable[[], AbstractContextManager[None]],
        last_number: Callable[[], int],
        run: Path,
        project: str,
        sources: Sequence[str],
    ) -> list[BegunIngest]:
        """Begin ingests under new numbers, which no other ingest ever gets."""

    def require_running(self, ingests: Sequence[BegunIngest]) -> None:
        """Raise WarehouseError if others took these ingests for dead; the caller holds the lock."""

    def end(self, ingests: Sequence[BegunIngest]) -> None:
        """Remove the records of ingests that the ledger has, or that were only tried."""

    def postpone(self, ingest: BegunIngest, row: LedgerRow) -> None:
        """Keep the ledger row of an ingest that changed nothing for the next commit."""

    def waiting_rows(self, *, set_aside: bool = False) -> list[LedgerRow]:
        """Return the ledger rows that wait for the next commit."""

    def clear_waiting(self, rows: Sequence[Mapping[str, object]]) -> None:
        """Forget rows that are in the ledger now."""

    def leftovers(self) -> AbstractContextManager[Leftovers]:
        """Give what dead processes left; it is forgotten afterwards unless the block raises."""

    def has_leftovers(self, own: Path) -> bool:
        """Return whether there may be leftovers of other processes than the one whose folder is `own`."""

    def files_of(self, leftovers: Leftovers, ingest_ids: Sequence[str]) -> tuple[list[str], list[str]]:
        """Return the keys of the files of ingests, and of other files that dead processes wrote."""

    def written_files(self, table: str) -> set[str]:
        """Return the keys of the files of a table, if only the holder of the lock adds to them."""

    def keep_written(self, run: Path, keys: Sequence[str]) -> None:
        """Make sure of files that DuckLake has written in the open transaction of the process of `run`."""

    def files(self) -> Iterator[PlacedFile]:
        """Yield all files that lie where the data lies."""

    def kept_strangers(self, known: Set[str], restored_before: datetime) -> Callable[[str], bool]:
        """Return a test, by name, whether maintenance keeps a file that the catalog does not know.

        `known` are the names that it knows.
        """

    def bytes_of(self, names: Sequence[str]) -> int:
        """Return the bytes of files that are there, named as the engine names them."""

    def forget_checksums(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Forget the checksums of files that are neither registered nor there, under the lock."""

    def accept_checksums(self, keys: Sequence[str]) -> None:
        """Accept files without a checksum as they are now, under the lock."""

    def checksums(self) -> dict[str, tuple[int, str]]:
        """Return bytes and SHA-256 of files by key."""

    def fetched(self, key: str, spill: Path) -> AbstractContextManager[Path]:
        """Give a file of the data as a local one, below `spill` if need be; raises OSError."""

    def sizes(self, connection: "object") -> tuple[int, int]:
        """Return how many data files there are, and the bytes of these and of the catalog."""

    def backups(self, snapshot: int) -> LedgerRow:
        """Return what `status` says about copies of the catalog, given its newest snapshot."""

    def receive(self, moved: MovedWarehouse) -> None:
        """Take over a warehouse, whole or not at all.

        Raises UsageError where there is one already, or where this place takes none.
        """

    def now(self) -> datetime:
        """Return the time by which this place tells the age of files and states."""
