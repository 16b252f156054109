"""Stage documents as Parquet files: small ones share files, a large one has its own."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from labelhouse.manifest import StagedFile
from labelhouse.schema.mart_tables import MART_TABLES
from labelhouse.schema.warehouse_tables import (
    DOCUMENT_POINTERS,
    ISSUES,
    PARSED_DOCUMENTS,
    QUARANTINE,
    STAGED_TABLES,
    UNCHANGED_DOCUMENTS,
    Table,
)
from labelhouse.staging.parquet import TableWriter

SPILL_BYTES = 16 << 20
"""A document that is larger than this in Arrow memory is written while it is read."""
HELD_BYTES = 24 << 20
"""All tables together hold no more than this for their next row groups."""


class StagingArea:
    """Collect the rows of one source below a folder; nothing in it is data until it is committed.

    A document's rows are held until its end, so that it can still be dropped. Past SPILL_BYTES they go to
    files of the document's own.
    """

    def __init__(self, folder: Path, stem: str) -> None:
        self._folder = folder
        self._stem = stem
        self._shared: dict[Table, TableWriter] = {}
        self._own: dict[Table, TableWriter] = {}
        self._held: list[tuple[Table, pa.RecordBatch]] = []
        self._held_bytes = 0
        self._files: list[StagedFile] = []
        self._spills = 0

    def hold(self, table: Table, batch: pa.RecordBatch) -> None:
        """Take rows of the current document."""
        if batch.num_rows == 0:
            return
        if self._own:
            self._write(self._own_writer(table), batch)
            return
        self._held.append((table, batch))
        self._held_bytes += batch.nbytes
        if self._held_bytes > SPILL_BYTES:
            self.spill()

    @property
    def has_spilled(self) -> bool:
        """Whether rows of the current documents are in files already."""
        return bool(self._own)

    def keep(self, without: Sequence[int] = ()) -> None:
        """End the current documents: their rows belong to the source, those of `without` are dropped.

        If they have spilled, all or none of them can be kept.
        """
        if self._own and without:
            for writer in self._own.values():
                writer.abandon()
        else:
            self._files += _closed(self._own)
        for table, batch in _issues_in_order(self._held):
            self.add(table, _without(batch, without))
        self._clear()
        self._own = {}

    def spill(self) -> None:
        """Move the current document's rows into files of its own, however few they are."""
        self._spills += 1
        for table, batch in self._held:
            self._write(self._own_writer(table), batch)
        self._clear()

    def take_own(self) -> list[StagedFile]:
        """End the current document, which has spilled, and hand over its files."""
        files = list(_closed(self._own))
        self._own = {}
        return files

    def adopt(self, files: Sequence[StagedFile], *, drop: bool) -> None:
        """Take files that another process has staged, or remove them."""
        if not drop:
            self._files += files
            return
        for file in files:
            Path(file.path).unlink()

    def add(self, table: Table, batch: pa.RecordBatch) -> None:
        """Take rows that belong to the source whether or not a document is kept."""
        if table not in self._shared:
            self._shared[table] = TableWriter(table, self._path(table, "all"))
        self._write(self._shared[table], batch)

    def finish(self) -> list[StagedFile]:
        """Close all files and return them, table by table."""
        self._files += _closed(self._shared)
        self._shared = {}
        tables = (*STAGED_TABLES, DOCUMENT_POINTERS, UNCHANGED_DOCUMENTS, PARSED_DOCUMENTS, *MART_TABLES)
        order = [table.name for table in tables]
        return sorted(self._files, key=lambda file: (order.index(file.table), file.path))

    def abandon(self) -> None:
        """Discard the staged rows."""
        for writer in (*self._own.values(), *self._shared.values()):
            writer.abandon()
        for file in self._files:
            Path(file.path).unlink(missing_ok=True)

    def _write(self, writer: TableWriter, batch: pa.RecordBatch) -> None:
        """Write rows; if all tables together hold too much, the largest one ends its row group."""
        writer.write(batch)
        writers = [*self._own.values(), *self._shared.values()]
        if sum(other.held_bytes for other in writers) > HELD_BYTES:
            max(writers, key=lambda other: other.held_bytes).flush()

    def _own_writer(self, table: Table) -> TableWriter:
        if table not in self._own:
            self._own[table] = TableWriter(table, self._path(table, f"{self._spills:04d}"))
        return self._own[table]

    def _path(self, table: Table, part: str) -> Path:
        return self._folder / f"{self._stem}-{table.name}-{part}.parquet"

    def _clear(self) -> None:
        self._held = []
        self._held_bytes = 0


def _issues_in_order(
    held: Sequence[tuple[Table, pa.RecordBatch]],
) -> Iterator[tuple[Table, pa.RecordBatch]]:
    """Yield rows as they came, but issues and quarantined records by document, section and position.

    The sections of several small documents are read one after the other.
    """
    for table, batch in held:
        if table not in (ISSUES, QUARANTINE):
            yield table, batch
    for table in (QUARANTINE, ISSUES):
        if batches := [batch for of, batch in held if of is table]:
            rows = pa.Table.from_batches(batches, table.arrow)
            keys = [(name, "ascending") for name in ("document_key", "section", "position")]
            for batch in rows.sort_by(keys).combine_chunks().to_batches():
                yield table, batch


def _without(batch: pa.RecordBatch, keys: Sequence[int]) -> pa.RecordBatch:
    """Return the rows of all documents except those of `keys`."""
    if not keys or "document_key" not in batch.schema.names:
        return batch
    return batch.filter(pc.invert(pc.is_in(batch["document_key"], pa.array(keys, pa.int64()))))


def _closed(writers: Mapping[Table, TableWriter]) -> Iterator[StagedFile]:
    for writer in writers.values():
        file = writer.close()
        if file is not None:
            yield file


@contextmanager
def staging(folder: Path, stem: str) -> Iterator[StagingArea]:
    """Give a StagingArea that leaves nothing behind if the block raises."""
    area = StagingArea(folder, stem)
    try:
        yield area
    except BaseException:
        area.abandon()
        raise
