"""Read a whole warehouse back and list its faults."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from labelhouse.errors import WarehouseError
from labelhouse.files.private_folder import private_folder
from labelhouse.lake.as_of import newest_snapshot
from labelhouse.lake.catalog_files import registered_names
from labelhouse.lake.checksums import (
    RegisteredFile,
    file_checksum,
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
from labelhouse.places.finding import place_of
from labelhouse.places.place import WarehousePlace
from labelhouse.querying.integrity import integrity_statements
from labelhouse.results import Result
from labelhouse.warehouse.guarding import guarded
from labelhouse.warehouse.snapshots import open_snapshot
from labelhouse.warehouse.warehouse import Warehouse
from labelhouse.warehouse_layout import CATALOG

_NO_FILE = CatalogState([], None, is_readable=True)
"""The state of a catalog that a database keeps, and checks itself."""
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
    place = place_of(warehouse)
    place.require_warehouse()
    folder = place.catalog_folder
    with private_folder() as spill:
        state = _NO_FILE if folder is None else catalog_state(folder, spill)
        try:
            with open_snapshot(
                place.address,
                with_pending=False,
                in_order=False,
                any_schema=True,
                memory_bytes=VERIFICATION_BYTES,
            ) as connection:
                return _verified(place, connection, state, spill, progress)
        except WarehouseError:
            if state.is_readable:
                raise
            return VerifyResult(0, 0, state.findings)


def accept_unhashed(warehouse: str | os.PathLike[str], result: VerifyResult) -> VerifyResult:
    """Write checksums of the files that are sound but had none; return the remaining findings."""
    place, paths = place_of(warehouse), result.without_checksum
    with (
        closing(connect_engine()) as connection,
        guarded(place.address),
        closing(Warehouse(place, connection)) as opened,
        opened.lock(),
    ):
        place.accept_checksums(paths)
    kept = [finding for finding in result.findings if finding.where not in paths]
    notes = [*result.notes, f"{len(paths):,} files without a checksum have one now"]
    return replace(result, findings=kept, notes=notes)


def _verified(
    place: WarehousePlace,
    connection: Connection,
    state: CatalogState,
    spill: Path,
    progress: Callable[[int, int], None],
) -> VerifyResult:
    snapshot_id = newest_snapshot(connection)
    files = registered_files(connection)
    # Read after the newest copy was found: every file that the copy has is hashed by now.
    known = place.checksums()
    # All files up to the newest copy are hashed. Without one, a kill can only have cut the first commit.
    sealed = state.sealed.snapshot_id if state.sealed else snapshot_id if snapshot_id > 1 else 0
    total = sum(file.bytes for file in files)
    file_findings: list[Finding] = []
    done = 0
    for file, findings_of_file in _read_files(place, files, known, spill):
        file_findings += findings_of_file
        done += file.bytes
        progress(done, total)
    unhashed = [file for file in files if file.path not in known and file.snapshot_id <= sealed]
    if unhashed and place.catalog_folder is None:
        # A commit of another machine was about to write them.
        known = place.checksums()
    file_findings += [
        Finding("checksum", file.path, f"no checksum is known; {ACCEPT}")
        for file in unhashed
        if file.path not in known
    ]
    findings = [*state.findings, *file_findings]
    # If a file is missing or damaged, SQL can only repeat that, or fail.
    is_sound = all(finding.check == "checksum" for finding in file_findings)
    if is_sound:
        require_schema(connection, place.address)
        findings += _table_findings(connection)
    if (folder := place.catalog_folder) is None:
        return VerifyResult(len(files), total, findings)
    if is_sound:
        findings += forgotten_findings(folder, connection, files)
    if state.is_readable:
        findings += unknown_file_findings(folder, spill)
    findings += copy_findings(folder, snapshot_id)
    return VerifyResult(len(files), total, findings, list(notes(folder, snapshot_id)))


def _read_files(
    place: WarehousePlace,
    files: Sequence[RegisteredFile],
    known: Mapping[str, tuple[int, str]],
    spill: Path,
) -> Iterator[tuple[RegisteredFile, list[Finding]]]:
    """Read files, as many at once as the place is worth; yield each with its findings, in order."""

    def read(file: RegisteredFile) -> tuple[RegisteredFile, list[Finding]]:
        return file, list(_file_findings(place, file, known.get(file.path), spill))

    if place.at_once == 1:
        yield from map(read, files)
        return
    with ThreadPoolExecutor(place.at_once) as pool:
        yield from pool.map(read, files)


def _file_findings(
    place: WarehousePlace, file: RegisteredFile, known: tuple[int, str] | None, spill: Path
) -> Iterator[Finding]:
    try:
        with place.fetched(file.path, spill) as path:
            yield from _content_findings(file, path, known)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        if _is_registered(place, file):
            yield Finding("presence", file.path, "the file is not there")
    except OSError as error:
        yield Finding("presence", file.path, f"cannot be read ({error.strerror or 'I/O error'})")


def _content_findings(file: RegisteredFile, path: Path, known: tuple[int, str] | None) -> Iterator[Finding]:
    """Yield what is wrong with a file that is there; raises OSError if it cannot be read."""
    size, digest = file_checksum(path)
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


def _is_registered(place: WarehousePlace, file: RegisteredFile) -> bool:
    """Return whether a snapshot in the current catalog needs a file: maintenance may have removed it."""
    with private_folder() as private:
        copy = private / CATALOG
        place.copy_catalog(copy)
        return PurePosixPath(file.path).name in registered_names(copy)


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
