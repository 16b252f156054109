"""Remember the SHA-256 of every file of the warehouse, so that any changed bit can be found.

They are in checksums.jsonl beside the catalog, one JSON object a line: path below data/, bytes, sha256.
A path is used once, ever, so a line stays true as long as its file exists.
"""

import hashlib
import json
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from labelhouse.files.durable_files import write_durably
from labelhouse.lake.snapshot_connection import Connection
from labelhouse.sql_library.statements import statement
from labelhouse.staging.pending_ingest_rows import put_aside
from labelhouse.warehouse_layout import DATA

CHECKSUMS = "checksums.jsonl"
_LINE_BYTES = 1 << 16
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class RegisteredFile:
    """A file that the catalog holds for some snapshot: rows of a table, or positions deleted from one.

    `snapshot_id` is that of the commit that wrote it.
    """

    path: str
    table: str
    rows: int
    bytes: int
    is_live: bool
    snapshot_id: int


def registered_files(connection: Connection) -> list[RegisteredFile]:
    """Return every file that the attached catalog holds, paths relative to data/."""
    return [RegisteredFile(*row) for row in connection.execute(statement("lake/checked_files")).fetchall()]


def read_checksums(folder: Path) -> dict[str, tuple[int, str]]:
    """Return bytes and SHA-256 by path; skip other lines, such as one that a crash cut short.

    Raises OSError if the file is there and cannot be read.
    """
    checksums: dict[str, tuple[int, str]] = {}
    path = folder / CHECKSUMS
    # Opening a pipe or a device may block for ever.
    if not path.is_file():
        return checksums
    with path.open("rb") as file:
        while line := file.readline(_LINE_BYTES):
            if entry := _entry(line):
                checksums[entry[0]] = entry[1:]
    return checksums


def _entry(line: bytes) -> tuple[str, int, str] | None:
    """Return the path, bytes and SHA-256 of a line; None for a line in another form."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    match value:
        case {"path": str(path), "bytes": int(size), "sha256": str(digest)} if _SHA256.fullmatch(digest):
            return path, size, digest
        case _:
            return None


def record_checksums(folder: Path, connection: duckdb.DuckDBPyConnection, *, since: int) -> None:
    """Record the checksums of the files that DuckLake wrote in commits after the snapshot `since`.

    The caller has held the lock since before these commits, or since the crash that came between. An older
    file without a checksum gets none: its content may have changed since it was written. `labelhouse
    verify` reports it.
    """
    _record(folder, [file.path for file in registered_files(connection) if file.snapshot_id > since])


def accept_checksums(folder: Path, paths: Sequence[str]) -> None:
    """Accept the files at paths without a checksum as they are now; the caller holds the lock."""
    _record(folder, paths)


def _record(folder: Path, paths: Sequence[str]) -> None:
    known = read_checksums(folder)
    present = [path for path in paths if path not in known and (folder / DATA / path).is_file()]
    append_checksums(folder, ((path, *file_checksum(folder / DATA / path)) for path in present))


def forget_checksums(folder: Path, connection: duckdb.DuckDBPyConnection) -> int:
    """Drop the checksums of files that are neither registered nor there; return how many.

    The caller holds the lock. A crash leaves all checksums, or those that are to stay.
    """
    known = read_checksums(folder)
    registered = {file.path for file in registered_files(connection)}
    kept = {
        p: checksum for p, checksum in known.items() if p in registered or (folder / DATA / p).is_file()
    }
    if len(kept) < len(known):
        lines = (_line(path, size, digest) for path, (size, digest) in kept.items())
        write_durably(folder / CHECKSUMS, "".join(f"{line}\n" for line in lines))
    return len(known) - len(kept)


def append_checksums(folder: Path, entries: Iterable[tuple[str, int, str]]) -> None:
    """Append path, bytes and SHA-256 of files, durably."""
    lines = [_line(*entry) for entry in entries]
    if not lines:
        return
    path = folder / CHECKSUMS
    if os.path.lexists(path) and not path.is_file():
        put_aside(path, folder)
    # End a line that a crash cut short first, so that it spoils no other.
    with path.open("a", encoding="utf-8") as file:
        file.write("\n".join(["", *lines, ""]) if file.tell() else "\n".join([*lines, ""]))
        file.flush()
        os.fsync(file.fileno())


def _line(path: str, size: int, digest: str) -> str:
    return json.dumps({"path": path, "bytes": size, "sha256": digest})


def checksum_entry(folder: Path, path: Path) -> tuple[str, int, str]:
    """Return the path, bytes and SHA-256 of a file below the data folder of a warehouse."""
    return (path.relative_to(folder / DATA).as_posix(), *file_checksum(path))


def file_checksum(path: Path) -> tuple[int, str]:
    """Return a file's bytes and SHA-256."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return file.tell(), digest
