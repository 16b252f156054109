"""Read a whole warehouse back and list its faults."""

import os
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from labelhouse.errors import WarehouseError
from labelhouse.files.private_folder import private_folder
from labelhouse.lake.as_of import newest_snapshot
from labelhouse.lake.catalog_files import is_registered
from labelhouse.lake.checksums import (
    RegisteredFile,
    accept_checksums,
    file_checksum,
    read_checksums,
    registered_files,
)
from labelhouse.lake.engine import connect_engine
from labelhouse.lake.memory import VERIFICATION_BYTES
from labelhouse.lake.schema_check import require_schema
from labelhouse.lake.snapshot_connection import Connection
from labelhouse.maintenance.findings import Finding
from labelhouse.maintenance.verify_catalog import (
    CatalogState,
    catalog_state,
    copy_findings,
    notes,
    unknown_file_findings,
)
from labelhouse.maintenance.verify_people import forgotten_findings
from labelhouse.querying.integrity import integrity_statements
from labelhouse.results import Result
from labelhouse.warehouse.guarding import guarded
from labelhouse.warehouse.opening import require_warehouse
from labelhouse.warehouse.snapshots import open_snapshot
from labelhouse.warehouse.warehouse import Warehouse
from labelhouse.warehouse_layout import DATA

ACCEPT = "if the rest is sound, labelhouse verify --accept records it as what was written"


@dataclass(frozen=True, slots=True)
class VerifyResult(Result):
    """What was read, and its faults."""

    files: int
    bytes: int
    findings: list[Finding]
    notes: list[str] = field(default_factory=list)
    """Notes that are good to know but are not damage."""

    @property
    def without_checksum(self) -> list[str]:
        """Return the files, below data/, whose only fault is that no checksum is known."""
        unhashed = [finding.where for finding in self.findings if finding.check == "checksum"]
        return [path for path in unhashed if [f.where for f in self.findings].count(path) == 1]


def verify(
    warehouse: str | os.PathLike[str], progress: Callable[[int, int], None] = lambda _, __: None
) -> VerifyResult:
    """Check the catalog, every registered file, the references between tables, the ledger against them.

    The files of all snapshots are checked: presence, size, SHA-256, rows, and page checksums. `progress`
    receives the bytes read and all bytes. DuckDB holds VERIFICATION_BYTES and spills the rest. Raises
    WarehouseError if the catalog cannot be opened.
    """
    folder = Path(warehouse).absolute()
    require_warehouse(folder)
    with private_folder() as spill:
        state = catalog_state(folder, spill)
        try:
            with open_snapshot(
                folder, with_pending=False, in_order=False, any_schema=True, memory_bytes=VERIFICATION_BYTES
            ) as connection:
                return _verified(folder, connection, state, spill, progress)
        except WarehouseError:
            if state.is_readable:
                raise
            return VerifyResult(0, 0, state.findings)


def accept_unhashed(warehouse: str | os.PathLike[str], result: VerifyResult) -> VerifyResult:
    """Write checksums of the files that are sound but had none; return the remaining findings."""
    folder, paths = Path(warehouse).absolute(), result.without_checksum
    with closing(connect_engine()) as connection, guarded(folder), Warehouse(folder, connection).lock():
        accept_checksums(folder, paths)
    kept = [finding for finding in result.findings if finding.where not in paths]
    notes = [*result.notes, f"{len(paths):,} files without a checksum have one now"]
    return replace(result, findings=kept, notes=notes)


def _verified(
    folder: Path,
    connection: Connection,
    state: CatalogState,
    spill: Path,
    progress: Callable[[int, int], None],
) -> VerifyResult:
    snapshot_id = newest_snapshot(connection)
    files = registered_files(connection)
    # Read after the newest copy was found: every file that the copy has is hashed by now.
    known = read_checksums(folder)
    # All files up to the newest copy are hashed. Without one, a kill can only have cut the first commit.
    sealed = state.sealed.snapshot_id if state.sealed else snapshot_id if snapshot_id > 1 else 0
    total = sum(file.bytes for file in files)
    file_findings: list[Finding] = []
    done = 0
    for file in files:
        file_findings += _file_findings(folder, file, known.get(file.path))
        if file.path not in known and file.snapshot_id <= sealed:
            file_findings.append(Finding("checksum", file.path, f"no checksum is known; {ACCEPT}"))
        done += file.bytes
        progress(done, total)
    findings = [*state.findings, *file_findings]
    # If a file is missing or damaged, SQL can only repeat that, or fail.
    if all(finding.check == "checksum" for finding in file_findings):
        require_schema(connection, folder)
        findings += _table_findings(connection)
        findings += forgotten_findings(folder, connection, files)
    if state.is_readable:
        findings += unknown_file_findings(folder, spill)
    findings += copy_findings(folder, snapshot_id)
    return VerifyResult(len(files), total, findings, list(notes(folder, snapshot_id)))


def _file_findings(folder: Path, file: RegisteredFile, known: tuple[int, str] | None) -> Iterator[Finding]:
    path = folder / DATA / file.path
    try:
        size, digest = file_checksum(path)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        if is_registered(folder, path.name):
            yield Finding("presence", file.path, "the file is not there")
        return
    except OSError as error:
        yield Finding("presence", file.path, f"cannot be read ({error.strerror or 'I/O error'})")
        return
    if size != file.bytes:
        yield Finding("size", file.path, f"{size:,} bytes instead of {file.bytes:,}")
    if known is not None and (size, digest) != known:
        yield Finding("sha256", file.path, "the content is not what was written")
    try:
        rows = _rows_read(path)
    except FileNotFoundError:
        return
    except (pa.ArrowException, OSError, ValueError) as error:
        yield Finding("parquet", file.path, f"cannot be read ({type(error).__name__})")
        return
    if rows != file.rows:
        yield Finding("rows", file.path, f"{rows:,} rows instead of {file.rows:,}")


def _rows_read(path: Path) -> int:
    """Read every page and count the rows; Arrow compares the page checksums where the file has them."""
    with pq.ParquetFile(path, page_checksum_verification=True) as file:
        return sum(batch.num_rows for batch in file.iter_batches())


def _table_findings(connection: Connection) -> Iterator[Finding]:
    for check, text, _ in integrity_statements():
        try:
            for (what,) in connection.execute(text).fetchall():
                yield Finding(check, "tables", what)
        except duckdb.Error as error:
            yield Finding(check, "tables", f"cannot be checked ({type(error).__name__})")
