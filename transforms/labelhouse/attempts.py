"""Keep track of attempts to load a source while they are in no ledger yet.

Every process that loads has a folder of its own below staging/, with a lock that dies with it. An
attempt is one JSON file there from its start on, so that one that was killed can be told. An attempt
that changed nothing makes no snapshot: its ledger row waits below staging/pending for the next commit.
"""

import json
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from labelhouse.codes import Code
from labelhouse.durable import write_durably
from labelhouse.schema import INGESTS, TIMESTAMP

_PENDING = "pending"
_ALIVE = "alive.lock"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to load one source."""

    ingest_id: str
    ingest_number: int
    project: str
    source: str
    folder: Path
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def record(self) -> Path:
        """The file that tells of the attempt while it runs."""
        return self.folder / f"{self.ingest_number}.json"

    def row(self, status: str, **values: object) -> dict[str, object]:
        """Return the attempt's row for the ledger; columns that are not given are null."""
        given = {
            "ingest_id": self.ingest_id,
            "ingest_number": self.ingest_number,
            "project": self.project,
            "source": self.source,
            "started_at": self.started_at,
            "finished_at": datetime.now(UTC),
            "status": status,
            **values,
        }
        return {column.name: given.get(column.name) for column in INGESTS.columns}


@contextmanager
def run_folder(staging: Path) -> Iterator[Path]:
    """Give this process a folder below staging/ that others leave alone as long as it lives.

    Records of attempts that did not end stay behind: the next start sweeps them.
    """
    folder = staging / f"run-{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"
    folder.mkdir()
    with FileLock(folder / _ALIVE).acquire():
        yield folder
        is_done = not any(folder.glob("[0-9]*.json"))
    if is_done:
        shutil.rmtree(folder, ignore_errors=True)


def begin(staging: Path, folder: Path, project: str, source: str, last_number: int) -> Attempt:
    """Begin an attempt under the next number; the caller holds the warehouse's lock.

    `last_number` is the highest number in the ledger.
    """
    number = 1 + max([last_number, *(int(path.stem) for path in _records(staging))])
    ingest_id = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{number:06d}-{secrets.token_hex(3)}"
    attempt = Attempt(ingest_id, number, project, source, folder)
    write_durably(attempt.record, _text(attempt.row("rejected")))
    return attempt


def postpone(staging: Path, attempt: Attempt, row: dict[str, object]) -> None:
    """Keep the ledger row of an attempt that changed nothing for the next commit."""
    (staging / _PENDING).mkdir(exist_ok=True)
    write_durably(staging / _PENDING / attempt.record.name, _text(row))
    attempt.record.unlink()


def pending_rows(staging: Path) -> list[dict[str, object]]:
    """Return the ledger rows that wait for the next commit."""
    return [row for path in _records(staging) if path.parent.name == _PENDING for row in _row(path)]


def clear_pending(staging: Path, rows: Sequence[Mapping[str, object]]) -> None:
    """Forget rows that are in the ledger now."""
    ingest_ids = [row["ingest_id"] for row in rows]
    for path in _records(staging):
        if path.parent.name == _PENDING and any(r["ingest_id"] in ingest_ids for r in _row(path)):
            path.unlink(missing_ok=True)


@contextmanager
def dead_runs(staging: Path) -> Iterator[list[Path]]:
    """Give the folders of processes that died, held so that nobody else sweeps them too.

    The folders that the caller leaves are removed afterwards.
    """
    held: list[tuple[Path, FileLock]] = []
    try:
        for folder in sorted(staging.glob("run-*")):
            lock = FileLock(folder / _ALIVE)
            try:
                lock.acquire(timeout=0)
            except Timeout:
                continue
            held.append((folder, lock))
        yield [folder for folder, _ in held]
    finally:
        for folder, lock in held:
            lock.release()
            shutil.rmtree(folder, ignore_errors=True)


def killed_attempts(folder: Path) -> list[dict[str, object]]:
    """Return the ledger rows of the attempts that a dead process left unfinished."""
    return [
        {
            **row,
            "finished_at": datetime.now(UTC),
            "error_code": Code.INTERRUPTED.value,
            "error": "the ingest was killed before it ended; run it again",
        }
        for path in sorted(folder.glob("[0-9]*.json"))
        for row in _row(path)
    ]


def _records(staging: Path) -> list[Path]:
    return sorted(staging.glob("*/[0-9]*.json"))


def _text(row: dict[str, object]) -> str:
    return json.dumps(row, default=lambda value: value.isoformat())


def _row(path: Path) -> list[dict[str, object]]:
    """Read a row, or none if another process has just moved it."""
    try:
        row: dict[str, object] = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, PermissionError):
        return []
    for column in INGESTS.columns:
        value = row.get(column.name)
        if column.sql_type == TIMESTAMP and isinstance(value, str):
            row[column.name] = datetime.fromisoformat(value)
    return [row]


def remove_files(paths: list[Path]) -> None:
    """Remove files that are no data."""
    for path in paths:
        try:
            os.unlink(path)
        except FileNotFoundError:
            pass
