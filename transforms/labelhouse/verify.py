"""Read a whole warehouse back and list what is wrong with it."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from labelhouse.checksums import RegisteredFile, file_checksum, read_checksums, registered_files
from labelhouse.engine import CATALOG, DATA
from labelhouse.snapshot_connection import Connection
from labelhouse.snapshots import open_snapshot
from labelhouse.statements import statement, statement_names
from labelhouse.warehouse import require_warehouse

MEMORY_LIMIT = "1GB"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: the check that found it, the file or table, and what."""

    check: str
    where: str
    what: str


@dataclass(frozen=True, slots=True)
class Verified:
    """What was read, and what is wrong."""

    files: int
    bytes: int
    findings: list[Finding]


def verify(
    warehouse: str | os.PathLike[str], progress: Callable[[int, int], None] = lambda _, __: None
) -> Verified:
    """Check every registered file, the references between tables, and the ledger against them.

    Files are those of all snapshots: presence, size, SHA-256, rows, and page checksums. `progress` is
    told bytes read and bytes in all. DuckDB holds MEMORY_LIMIT and spills the rest. Raises WarehouseError
    if the catalog cannot be opened.
    """
    folder = Path(warehouse)
    require_warehouse(folder)
    findings = list(_catalog_findings(folder))
    with open_snapshot(folder, with_pending=False, in_order=False, memory_limit=MEMORY_LIMIT) as connection:
        files = registered_files(connection)
        known = read_checksums(folder)
        total = sum(file.bytes for file in files)
        done = 0
        for file in files:
            findings += _file_findings(folder, file, known.get(file.path))
            done += file.bytes
            progress(done, total)
        # With a file missing or damaged SQL can only repeat it, or fail.
        if not findings:
            findings += _table_findings(connection)
    return Verified(len(files), total, findings)


def _catalog_findings(folder: Path) -> Iterator[Finding]:
    uri = f"{(folder / CATALOG).absolute().as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(uri, uri=True)) as catalog:
            for (what,) in catalog.execute("pragma integrity_check"):
                if what != "ok":
                    yield Finding("catalog", CATALOG, what)
    except sqlite3.DatabaseError as error:
        yield Finding("catalog", CATALOG, str(error))


def _file_findings(folder: Path, file: RegisteredFile, known: tuple[int, str] | None) -> Iterator[Finding]:
    path = folder / DATA / file.path
    if not path.is_file():
        yield Finding("presence", file.path, "the file is not there")
        return
    size, digest = file_checksum(path)
    if size != file.bytes:
        yield Finding("size", file.path, f"{size:,} bytes instead of {file.bytes:,}")
    if known is not None and (size, digest) != known:
        yield Finding("sha256", file.path, "the content is not what was written")
    try:
        rows = _rows_read(path)
    except (pa.ArrowException, OSError, ValueError) as error:
        yield Finding("parquet", file.path, f"cannot be read ({type(error).__name__})")
        return
    if rows != file.rows:
        yield Finding("rows", file.path, f"{rows:,} rows instead of {file.rows:,}")


def _rows_read(path: Path) -> int:
    """Read every page, whose checksums are compared where the file has them, and count the rows."""
    with pq.ParquetFile(path, page_checksum_verification=True) as file:
        return sum(batch.num_rows for batch in file.iter_batches())


def _table_findings(connection: Connection) -> Iterator[Finding]:
    for name in statement_names("verify"):
        check = name.partition("/")[2]
        if not check[0].isdigit():
            continue
        check = check.partition("_")[2]
        try:
            for (what,) in connection.execute(statement(name)).fetchall():
                yield Finding(check, "tables", what)
        except duckdb.Error as error:
            yield Finding(check, "tables", f"cannot be checked ({type(error).__name__})")
