"""Keep track of ingests while they are in no ledger yet.

Every process that loads has a folder of its own below staging/, with a lock that dies with it. An ingest
is one JSON file there from its start on, so that a killed ingest leaves a record. An ingest that changed
nothing makes no snapshot: its ledger row waits below staging/pending for the next commit.
"""

import json
import logging
import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from labelhouse.files.durable_files import write_durably
from labelhouse.reason_codes import ReasonCode
from labelhouse.schema.warehouse_tables import INGESTS
from labelhouse.staging.pending_ingest_rows import (
    file_name,
    number_of,
    put_aside,
    row_files,
    rows_in,
    write_row,
)

_PENDING = "pending"
_ALIVE = "alive.lock"
_WRITTEN = "written.json"
_RUN = re.compile(r"run-\d{8}T\d{6}-[0-9a-f]{8}", re.ASCII)
_LOGGER = logging.getLogger(__name__)


def ledger_row(values: Mapping[str, object]) -> dict[str, object]:
    """Return a row for the ledger; columns without a value are null."""
    return {column.name: values.get(column.name) for column in INGESTS.columns}


@dataclass(frozen=True, slots=True)
class BegunIngest:
    """One ingest of one source, from its start until the ledger has its row."""

    ingest_id: str
    ingest_number: int
    project: str
    source: str
    folder: Path
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def record(self) -> Path:
        """The file that records the ingest while it runs."""
        return self.folder / file_name(self.ingest_number)

    def row(self, status: str, **values: object) -> dict[str, object]:
        """Return the ingest's row for the ledger; columns without a value are null."""
        known = {
            "ingest_id": self.ingest_id,
            "ingest_number": self.ingest_number,
            "project": self.project,
            "source": self.source,
            "started_at": self.started_at,
            "finished_at": datetime.now(UTC),
            "status": status,
            **values,
        }
        return ledger_row(known)


@contextmanager
def run_folder(staging: Path, lock: AbstractContextManager[object]) -> Iterator[Path]:
    """Give this process a folder below staging/ that others leave alone as long as it lives.

    `lock` is the warehouse's lock, which every sweeping process holds. Without it, a sweep between the
    making of the folder and the lock inside it would take the folder for that of a dead process. Records of
    ingests that did not end stay behind: the next start sweeps them.
    """
    folder = staging / f"run-{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"
    alive = FileLock(folder / _ALIVE)
    with lock:
        folder.mkdir()
        alive.acquire()
    try:
        yield folder
    finally:
        is_done = not row_files(folder)
        alive.release()
        if is_done:
            shutil.rmtree(folder, ignore_errors=True)


def last_begun_number(staging: Path) -> int:
    """Return the highest number of an ingest that is in no ledger yet."""
    folders = (staging / _PENDING, *_runs(staging))
    return max((number_of(path) for folder in folders for path in row_files(folder)), default=0)


def next_ingest(staging: Path, last_number: int) -> tuple[str, int]:
    """Return the id and the number of the next row of the ledger, as `begin` gives them."""
    number = 1 + max(last_number, last_begun_number(staging))
    return new_ingest_id(number), number


def new_ingest_id(number: int) -> str:
    """Return an id for the ingest with a number, which no other ingest has."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{number:06d}-{secrets.token_hex(3)}"


def begin(staging: Path, folder: Path, project: str, source: str, last_number: int) -> BegunIngest:
    """Begin an ingest under the next number; the caller holds the warehouse's lock.

    `last_number` is the highest number in the ledger, or of an ingest that a lost catalog knew.
    """
    ingest_id, number = next_ingest(staging, last_number)
    ingest = BegunIngest(ingest_id, number, project, source, folder)
    write_row(ingest.record, ingest.row("rejected"))
    return ingest


def postpone(staging: Path, ingest: BegunIngest, row: dict[str, object]) -> None:
    """Keep the ledger row of an ingest that changed nothing for the next commit."""
    pending = staging / _PENDING
    if os.path.lexists(pending) and not pending.is_dir():
        put_aside(pending, staging)
    pending.mkdir(exist_ok=True)
    write_row(pending / ingest.record.name, row)
    ingest.record.unlink()


def pending_rows(staging: Path, *, set_aside: bool = False) -> list[dict[str, object]]:
    """Return the ledger rows that wait for the next commit; other files are skipped with a warning.

    With `set_aside`, for which the caller holds the warehouse's lock, they are renamed.
    """
    pending = staging / _PENDING
    return rows_in(pending, set_aside=pending if set_aside else None)


def clear_pending(staging: Path, rows: Sequence[Mapping[str, object]]) -> None:
    """Remove the files of rows that are in the ledger now."""
    for row in rows:
        (staging / _PENDING / file_name(int(str(row["ingest_number"])))).unlink(missing_ok=True)


@contextmanager
def dead_runs(staging: Path, *, removes: bool = True) -> Iterator[list[Path]]:
    """Give the folders of processes that died; the caller holds the warehouse's lock.

    They are removed afterwards, unless `removes` is false. Folders that only resemble them are left alone.
    """
    held: list[tuple[Path, FileLock]] = []
    try:
        for folder in _runs(staging):
            lock = FileLock(folder / _ALIVE)
            try:
                lock.acquire(timeout=0)
            except Timeout:
                continue
            except OSError as error:
                _LOGGER.warning("%s: passed over, it cannot be swept (%s)", folder, error.strerror)
                continue
            held.append((folder, lock))
        yield [folder for folder, _ in held]
    finally:
        for folder, lock in held:
            lock.release()
            if removes:
                shutil.rmtree(folder, ignore_errors=True)


def killed_ingests(folder: Path) -> list[dict[str, object]]:
    """Return the ledger rows of the ingests that a dead process left unfinished."""
    return [killed_row(row) for row in rows_in(folder, set_aside=folder.parent)]


def killed_row(row: Mapping[str, object]) -> dict[str, object]:
    """Return the ledger row of an ingest whose process died, from the one that it began with."""
    return {
        **row,
        "finished_at": datetime.now(UTC),
        "error_code": ReasonCode.INTERRUPTED.value,
        "error": "the ingest was killed before it ended; run it again",
    }


def announce_files(run: Path, names: Sequence[str]) -> None:
    """Announce the files that this process is about to register, besides those named after it."""
    write_durably(run / _WRITTEN, json.dumps(list(names)))


def announced_files(run: Path) -> set[str]:
    """Return the names of the files that a process was about to register."""
    path = run / _WRITTEN
    try:
        # To open a pipe or a device may take for ever.
        names = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None
    except (OSError, ValueError, RecursionError):
        return set()
    return {name for name in names if isinstance(name, str)} if isinstance(names, list) else set()


def files_in_flight(staging: Path) -> Callable[[str], bool]:
    """Return a test, by name, whether a file belongs to a process that is at work or was killed."""
    runs = _runs(staging)
    ingests = [str(row["ingest_id"]) for run in runs for row in rows_in(run)]
    prefixes = tuple(f"{name}-" for name in (*(run.name for run in runs), *ingests))
    names = {name for run in runs for name in announced_files(run)}
    return lambda name: name in names or name.startswith(prefixes)


def other_runs(staging: Path, own: Path) -> list[Path]:
    """Return the folders of other processes, living and dead."""
    return [folder for folder in _runs(staging) if folder != own]


def _runs(staging: Path) -> list[Path]:
    """Return the folders of processes, living and dead."""
    try:
        return sorted(path for path in staging.iterdir() if _RUN.fullmatch(path.name) and path.is_dir())
    except OSError:
        return []


def remove_files(paths: list[Path]) -> None:
    """Remove files that are not data; warn of those that stay, which maintenance removes."""
    for path in paths:
        try:
            os.unlink(path)
        except FileNotFoundError:
            pass
        except OSError as error:
            _LOGGER.warning("%s: cannot be removed (%s)", path, error.strerror)
