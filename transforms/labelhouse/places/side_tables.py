"""What loads of a shared warehouse know of each other, in tables beside its catalog.

Numbers come from a sequence, and a number is given once, ever. A process that loads renews its row in
`runs`; times are the server's, so that no clock of a machine matters.
"""

import json
import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from labelhouse.places.catalog_rows import copy_rows, receive_rows
from labelhouse.places.place import MovedWarehouse
from labelhouse.places.postgres import catalog_errors, open_session, postgres_statement, process_name
from labelhouse.places.warehouse_file import CatalogAddress
from labelhouse.schema.warehouse_tables import INGESTS, TIMESTAMP

if TYPE_CHECKING:
    import psycopg

LEASE_S = 60
"""A process that gave no sign for so long is dead: others record its ingests as interrupted."""
_BEAT_S = 10.0
_IDLE_S = 20.0
_MAKING = (
    "make_schema",
    "make_numbers",
    "make_runs",
    "make_attempts",
    "make_attempts_index",
    "make_waiting",
    "make_checksums",
    "make_people_schema",
    "make_salt",
)
_TIMES = tuple(column.name for column in INGESTS.columns if column.sql_type == TIMESTAMP)
_Answer = TypeVar("_Answer")
_LOGGER = logging.getLogger(__name__)


class SideTables:
    """The tables and the catalog, through one session a thread, which `held` keeps."""

    def __init__(self, address: CatalogAddress, where: Path) -> None:
        self._address = address
        self._where = where
        self._mine = threading.local()

    def has_catalog(self) -> bool:
        """Return whether the database holds the catalog of a lake."""
        return self._is_there("has_catalog")

    def data_path(self) -> str | None:
        """Return where the catalog says that its files lie; None if it does not say."""
        rows = self._run("data_path")
        return str(rows[0][0]) if rows else None

    def has_loads(self) -> bool:
        """Return whether a load has made the tables that readers need; readers may ask."""
        return self._is_there("has_loads")

    def is_made(self) -> bool:
        """Return whether the tables are there."""
        return self._is_there("has_side_tables")

    def receive(self, moved: MovedWarehouse, data: str) -> None:
        """Take over the catalog of a warehouse and what these tables hold of it, in one transaction.

        The database has the tables of an empty catalog; the caller holds the lock.
        """

        def work(session: "psycopg.Connection[Any]") -> None:
            with session.transaction():
                receive_rows(session, moved.catalog, moved.where)
                session.execute(postgres_statement("set_data_path"), {"data_path": data})
                for name in _MAKING:
                    session.execute(postgres_statement(name))
                last = {"last_number": moved.last_number}
                session.execute(postgres_statement("start_numbers_after"), last)
                with session.cursor() as cursor:
                    cursor.executemany(
                        postgres_statement("add_checksum"),
                        _checksum_values((path, *entry) for path, entry in moved.checksums.items()),
                    )
                    cursor.executemany(
                        postgres_statement("add_waiting"),
                        [_waiting_values(row) for row in moved.waiting],
                    )
                if moved.salt is not None:
                    session.execute(postgres_statement("add_salt"), {"salt": moved.salt})

        self._with_session(work)

    def make(self) -> None:
        """Make what is missing; the caller holds the lock."""
        for name in _MAKING:
            self._run(name)

    def start_numbers_after(self, last_number: int) -> None:
        """Let the ingest numbers go on above the highest one of the ledger."""
        self._run("start_numbers_after", last_number=last_number)

    def next_numbers(self, count: int) -> list[int]:
        """Take ingest numbers, which no other process gets."""
        return [int(number) for (number,) in self._run("next_numbers", number_count=count)]

    def add_attempts(self, run: str, rows: Sequence[dict[str, object]]) -> None:
        """Record ingests that begin, by the ledger rows that they would have if they were killed."""
        values = [
            {
                "ingest_number": row["ingest_number"],
                "ingest_id": row["ingest_id"],
                "run": run,
                "ledger_row": _as_json(row),
            }
            for row in rows
        ]
        self._run_many("add_attempts", values)

    def running_count(self, numbers: Sequence[int]) -> int:
        """Return how many of some ingests have not ended."""
        [(count,)] = self._run("running_count", numbers=list(numbers))
        return int(count)

    def end(self, numbers: Sequence[int]) -> None:
        """Record that ingests have ended: the ledger has their rows."""
        if numbers:
            self._run("end_attempts", numbers=list(numbers))

    def postpone(self, row: dict[str, object]) -> None:
        """Keep the ledger row of an ingest that changed nothing for the next commit; it has ended."""

        def work(session: "psycopg.Connection[Any]") -> None:
            with session.transaction():
                session.execute(postgres_statement("add_waiting"), _waiting_values(row))
                numbers = {"numbers": [row["ingest_number"]]}
                session.execute(postgres_statement("end_attempts"), numbers)

        self._with_session(work)

    def waiting_rows(self) -> list[dict[str, object]]:
        """Return the ledger rows that wait for the next commit, by number."""
        return [_ledger_row(row) for (row,) in self._run("waiting_rows")]

    def remove_waiting(self, rows: Sequence[Mapping[str, object]]) -> None:
        """Forget rows that are in the ledger now."""
        if rows:
            self._run("remove_waiting", numbers=[row["ingest_number"] for row in rows])

    def dead_runs(self, known_dead: Sequence[str]) -> list[str]:
        """Return the processes without a sign for LEASE_S, and those known to be dead on this machine."""
        return [str(run) for (run,) in self._run("dead_runs", lease_s=LEASE_S, known_dead=list(known_dead))]

    def open_rows(self, runs: Sequence[str]) -> list[dict[str, object]]:
        """Return the ledger rows of the ingests that some processes have not ended."""
        return [_ledger_row(row) for (row,) in self._run("open_attempts", runs=list(runs))]

    def open_names(self) -> list[str]:
        """Return the names of processes and ingests that have not ended: their files begin with them."""
        return [str(name) for (name,) in self._run("open_names")]

    def remove_runs(self, runs: Sequence[str]) -> None:
        """Forget processes that have ended."""
        self._run("remove_runs", runs=list(runs))

    def add_checksums(self, entries: Iterable[tuple[str, int, str]]) -> None:
        """Remember path below the data, bytes and SHA-256 of files."""
        self._run_many("add_checksum", _checksum_values(entries))

    def checksums(self) -> dict[str, tuple[int, str]]:
        """Return bytes and SHA-256 of all files by path."""
        return {str(path): (int(size), str(digest)) for path, size, digest in self._run("known_checksums")}

    def remove_checksums(self, paths: Sequence[str]) -> None:
        """Forget the checksums of files that are gone."""
        self._run("remove_checksums", paths=list(paths))

    def salt(self) -> str | None:
        """Return the salt that ties tokens to people, None if the warehouse has none yet."""
        rows = self._run("known_salt")
        return str(rows[0][0]) if rows else None

    def keep_salt(self, salt: str) -> str:
        """Keep a salt unless there is one; return the one that is there."""
        self._run("add_salt", salt=salt)
        [(kept,)] = self._run("known_salt")
        return str(kept)

    def unhashed_files(self) -> list[str]:
        """Return the paths of files that the catalog needs and that have no checksum."""
        return [str(path) for (path,) in self._run("unhashed_files")]

    def now(self) -> datetime:
        """Return the server's time."""
        [(moment,)] = self._run("server_time")
        assert isinstance(moment, datetime)
        return moment.astimezone(UTC)

    @contextmanager
    def at_work(self, run: str) -> Iterator[None]:
        """Keep this process's row in `runs` for the duration of the block, and renew it."""
        self._run("add_run", run=run, process=process_name("run"))
        ended = threading.Event()
        thread = threading.Thread(
            target=self._beat, args=(run, ended), name="labelhouse-lease", daemon=True
        )
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep this thread's session for the duration of the block, also from one call to the next."""
        mine = self._mine
        mine.holders = getattr(mine, "holders", 0) + 1
        try:
            yield
        finally:
            mine.holders -= 1
            if not mine.holders:
                self._close()

    def copy_catalog(self, target: Path, kept: Path) -> None:
        """Write the catalog, as it is at one moment, to a new SQLite file; keep that state in `kept`."""
        self._with_session(lambda session: copy_rows(session, target, kept))

    def _beat(self, run: str, ended: threading.Event) -> None:
        with self.held():
            while not ended.wait(_BEAT_S):
                try:
                    self._run("renew_run", run=run)
                except Exception as error:  # noqa: BLE001  (the next beat tries again)
                    _LOGGER.warning("%s: no sign of life was given (%s)", self._where, type(error).__name__)

    def _is_there(self, name: str) -> bool:
        [(is_there,)] = self._run(name)
        return bool(is_there)

    def _run(self, name: str, **values: object) -> list[tuple[Any, ...]]:
        def work(session: "psycopg.Connection[Any]") -> list[tuple[Any, ...]]:
            cursor = session.execute(postgres_statement(name), values or None)
            return cursor.fetchall() if cursor.description else []

        return self._with_session(work)

    def _run_many(self, name: str, values: Sequence[Mapping[str, object]]) -> None:
        def work(session: "psycopg.Connection[Any]") -> None:
            with session.transaction(), session.cursor() as cursor:
                cursor.executemany(postgres_statement(name), values)

        if values:
            self._with_session(work)

    def _with_session(self, work: "Callable[[psycopg.Connection[Any]], _Answer]") -> _Answer:
        with self.held(), catalog_errors(self._where):
            try:
                answer = work(self._session())
            except BaseException:
                # A session in an unknown state is not used again.
                self._close()
                raise
            self._mine.used = time.monotonic()
            return answer

    def _session(self) -> "psycopg.Connection[Any]":
        session = getattr(self._mine, "session", None)
        if session is not None and time.monotonic() - self._mine.used > _IDLE_S:
            from psycopg import Error

            try:
                session.execute(postgres_statement("answers"))
            except Error:
                self._close()
                session = None
        if session is None or session.closed:
            session = open_session(self._address, self._where, "loads")
            self._mine.session = session
        opened: psycopg.Connection[Any] = session
        return opened

    def _close(self) -> None:
        session = getattr(self._mine, "session", None)
        if session is not None:
            session.close()
            self._mine.session = None


def _checksum_values(entries: Iterable[tuple[str, int, str]]) -> list[dict[str, object]]:
    return [{"path": path, "bytes": size, "sha256": digest} for path, size, digest in entries]


def _waiting_values(row: Mapping[str, object]) -> dict[str, object]:
    return {"ingest_number": row["ingest_number"], "ledger_row": _as_json(row)}


def _as_json(row: Mapping[str, object]) -> str:
    return json.dumps(row, default=lambda value: value.isoformat())


def _ledger_row(values: Mapping[str, Any]) -> dict[str, object]:
    """Return a row in the types of the ledger, its columns in their order."""
    row: dict[str, object] = {column.name: values.get(column.name) for column in INGESTS.columns}
    for name in _TIMES:
        if isinstance(text := row[name], str):
            row[name] = datetime.fromisoformat(text).astimezone(UTC)
    return row
