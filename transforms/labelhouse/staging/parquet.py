"""Write one table's batches as a Parquet file, one bounded row group at a time."""

import hashlib
import os
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from labelhouse.files.durable_files import fsync_file, writing
from labelhouse.manifest import StagedFile
from labelhouse.schema.arrow_types import DOUBLE
from labelhouse.schema.warehouse_tables import Table

ROW_GROUP_ROWS = 122_880
ROW_GROUP_BYTES = 16 << 20
"""A row group ends at whichever limit comes first; DuckDB works on 122,880 rows at a time."""

SMALL_BATCHES = 256
"""This many consecutive batches are joined into one."""
ZSTD_LEVEL = 3
SPLIT_ZSTD_LEVEL = 1
"""docs/decisions/0005-parquet-encodings.md has the figures."""
_SAMPLE_VALUES = 1 << 15
_WORTH = 0.97
_CODEC = pa.Codec("zstd", ZSTD_LEVEL)
_SPLIT_CODEC = pa.Codec("zstd", SPLIT_ZSTD_LEVEL)

_HASHED_BYTES = 1 << 20

_WRITING = ThreadPoolExecutor(1, thread_name_prefix="parquet")
"""Encodes and compresses one row group, without Python's lock, while the next one is collected."""


class TableWriter:
    """Write batches of one table; the file has its name only once it is complete and on disk."""

    def __init__(self, table: Table, path: Path) -> None:
        self.table = table
        self.rows = 0
        self.held_bytes = 0
        self._path = path
        self._partial = path.with_name(path.name + ".tmp")
        self._batches: list[pa.RecordBatch] = []
        self._batch_rows = 0
        self._small = 0
        self._writer: pq.ParquetWriter | None = None
        self._writing: Future[None] | None = None
        self._digest = hashlib.sha256()
        self._hashed_bytes = 0

    def write(self, batch: pa.RecordBatch) -> None:
        """Take a batch; rows are held until a row group is full."""
        if batch.num_rows == 0:
            return
        self.rows += batch.num_rows
        self._batches.append(batch)
        self._small += 1
        if self._small == SMALL_BATCHES:
            # Thousands of small batches take many times the memory of their rows.
            small = self._batches[-SMALL_BATCHES:]
            if len({batch.num_columns for batch in small}) == 1:
                self._batches[-SMALL_BATCHES:] = [pa.concat_batches(small)]
            self._small = 0
        self._batch_rows += batch.num_rows
        self.held_bytes += batch.nbytes
        if self._batch_rows >= ROW_GROUP_ROWS or self.held_bytes >= ROW_GROUP_BYTES:
            self.flush()

    def close(self) -> StagedFile | None:
        """Finish the file and give it its name; None if nothing was written."""
        self.flush()
        self._wait()
        if self._writer is None:
            return None
        with writing("a Parquet file"):
            self._writer.close()
            self._hash_new_bytes()
            fsync_file(self._partial)
            os.replace(self._partial, self._path)
        self._writer = None
        digest = self._digest.hexdigest()
        return StagedFile(self.table.name, str(self._path), self.rows, self._hashed_bytes, digest)

    def abandon(self) -> None:
        """Throw away what was written."""
        self._batches = []
        with suppress(Exception):
            self._wait()
        if self._writer is not None:
            # Closing writes a footer, so only the file of the temporary name is removed.
            with suppress(OSError):
                self._writer.close()
            self._writer = None
        self._partial.unlink(missing_ok=True)

    def flush(self) -> None:
        """End the row group: write the rows that are held."""
        if not self._batches:
            return
        table = _whole(self.table, self._batches)
        self._batches = []
        self._batch_rows = self.held_bytes = self._small = 0
        self._wait()
        self._writing = _WRITING.submit(self._write_group, table)

    def _write_group(self, table: pa.Table) -> None:
        with writing("a Parquet file"):
            if self._writer is None:
                self._writer = _writer(self.table, self._partial, split_columns(self.table, table))
            self._writer.write_table(table, row_group_size=table.num_rows)
            self._hash_new_bytes()
        # Otherwise pages of row groups long written stay with the process, more with every size of group.
        pa.default_memory_pool().release_unused()

    def _hash_new_bytes(self) -> None:
        """Hash the new bytes of the file while the next rows are read, so that a commit need not do it."""
        with self._partial.open("rb") as file:
            file.seek(self._hashed_bytes)
            while chunk := file.read(_HASHED_BYTES):
                self._digest.update(chunk)
                self._hashed_bytes += len(chunk)

    def _wait(self) -> None:
        """Wait until the last row group is written; raises the error of the writing."""
        if self._writing is not None:
            running, self._writing = self._writing, None
            running.result()


def _whole(table: Table, batches: Sequence[pa.RecordBatch]) -> pa.Table:
    """Return batches as one table; the columns that COCO never fills are null where a batch lacks them.

    A file without them would be smaller by few bytes, but DuckLake's statistics then deny their nulls.
    """
    if not table.optional:
        return pa.Table.from_batches(batches, table.arrow)
    kept = [[each] for each in batches]
    if len({batch.num_columns for batch in batches}) == 1:
        kept = [list(batches)]
    wide = []
    for same in kept:
        rows = pa.Table.from_batches(same)
        for name in table.arrow.names[rows.num_columns :]:
            field = table.arrow.field(name)
            rows = rows.append_column(field, pa.nulls(rows.num_rows, field.type))
        wide.append(rows)
    return pa.concat_tables(wide)


def split_columns(table: Table, rows: pa.Table) -> list[str]:
    """Return the paths of double columns that are smaller, in a sample, with their bytes split.

    Coordinates of 17 digits are smaller. Whole pixels and two decimals, which repeat, are much larger.
    """
    split = []
    for name in [column.name for column in table.columns if column.encoding == "plain"]:
        column = rows[name]
        while pa.types.is_list(column.type):
            column = pa.chunked_array([chunk.flatten() for chunk in column.chunks], column.type.value_type)
        if column.type == DOUBLE and _is_smaller_split(column.slice(0, _SAMPLE_VALUES)):
            split.append(_leaf(rows.schema.field(name)))
    return split


def _is_smaller_split(sample: pa.ChunkedArray) -> bool:
    values = sample.drop_null().to_numpy()
    if len(values) < _SAMPLE_VALUES // 8:
        return False
    plain = values.tobytes()
    split = values.view(np.uint8).reshape(-1, 8).T.tobytes()
    plain_bytes = len(_CODEC.compress(plain, asbytes=True))
    return len(_SPLIT_CODEC.compress(split, asbytes=True)) < _WORTH * plain_bytes


def _writer(table: Table, path: Path, split: Sequence[str]) -> pq.ParquetWriter:
    names = table.arrow.names
    sorting = [pq.SortingColumn(names.index(name)) for name in table.sorted_by]
    encodings = {c.name: "DELTA_BINARY_PACKED" for c in table.columns if c.encoding == "delta"}
    return pq.ParquetWriter(
        path,
        table.arrow.with_metadata({"labelhouse.schema.table": table.name}),
        compression="zstd",
        compression_level=dict.fromkeys(map(_leaf, table.arrow), ZSTD_LEVEL)
        | dict.fromkeys(split, SPLIT_ZSTD_LEVEL),
        use_dictionary=[c.name for c in table.columns if c.encoding == "dictionary"] or False,
        column_encoding=encodings | dict.fromkeys(split, "BYTE_STREAM_SPLIT"),
        write_page_checksum=True,
        sorting_columns=sorting or None,
        store_schema=False,
    )


def _leaf(field: pa.Field) -> str:
    """Return the path of the Parquet column that holds a field's values."""
    path, kind = field.name, field.type
    while pa.types.is_list(kind):
        path, kind = f"{path}.list.element", kind.value_type
    return str(path)
