"""The rows of a query as a sequence that training reads at random, in any number of processes."""

import os
import weakref
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any, overload

import pyarrow as pa
import pyarrow.parquet as pq

from labelhouse.files.output_file import output_file
from labelhouse.files.private_folder import PrivateFolder
from labelhouse.querying.query import QueryResult, query

ROWS_PER_GROUP = 512
"""A row is read with its row group: small ones make rows in any order cheap."""
_KEPT_GROUPS = 16
_FILE = "rows.parquet"
_BATCH_ROWS = 10_240


class Dataset(Sequence[Any]):
    """The rows of a Parquet file, each as a dict, read on demand.

    It holds some row groups in memory. A copy for another process (pickle, fork) shares the file and opens
    it itself. `transform` is called with each row.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        transform: Callable[[dict[str, Any]], Any] | None = None,
        owner: PrivateFolder | None = None,
    ) -> None:
        self.path = Path(path)
        """The Parquet file, which other tools may read, too."""
        self._transform = transform
        metadata = pq.read_metadata(self.path)
        self._ends = list(
            accumulate(metadata.row_group(n).num_rows for n in range(metadata.num_row_groups))
        )
        self._groups: OrderedDict[int, pa.Table] = OrderedDict()
        self._file: pq.ParquetFile | None = None
        self._process = os.getpid()
        if owner is not None:
            # The file goes when the dataset that was made first goes, not with a copy of it.
            weakref.finalize(self, _remove, owner, os.getpid())

    @property
    def columns(self) -> list[str]:
        """The names of the columns."""
        return list(pq.read_schema(self.path).names)

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    @overload
    def __getitem__(self, index: int) -> Any: ...

    @overload
    def __getitem__(self, index: slice) -> list[Any]: ...

    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return self.__getitems__(range(len(self))[index])
        return self.__getitems__([index])[0]

    def __getitems__(self, indexes: Sequence[int]) -> list[Any]:
        """Return several rows, in their order: what PyTorch's loader calls for a batch."""
        return [self._transformed(self._row(int(index))) for index in indexes]

    def __iter__(self) -> Iterator[Any]:
        for number in range(len(self._ends)):
            for row in self._group(number).to_pylist():
                yield self._transformed(row)

    def __getstate__(self) -> dict[str, Any]:
        return {"path": self.path, "_transform": self._transform, "_ends": self._ends}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._forget()

    def _row(self, index: int) -> dict[str, Any]:
        place = index + len(self) if index < 0 else index
        if not 0 <= place < len(self):
            raise IndexError(f"row {index} of {len(self)}")
        number = bisect_right(self._ends, place)
        start = self._ends[number - 1] if number else 0
        [row] = self._group(number).slice(place - start, 1).to_pylist()
        return dict(row)

    def _group(self, number: int) -> pa.Table:
        if self._process != os.getpid():
            # A process that was forked does not use the file of the other one.
            self._forget()
        if number not in self._groups:
            self._file = self._file or pq.ParquetFile(self.path, memory_map=True)
            # Arrow's threads do not live in a forked process.
            self._groups[number] = self._file.read_row_group(number, use_threads=False)
            while len(self._groups) > _KEPT_GROUPS:
                self._groups.popitem(last=False)
        self._groups.move_to_end(number)
        return self._groups[number]

    def _forget(self) -> None:
        self._groups = OrderedDict()
        self._file = None
        self._process = os.getpid()

    def _transformed(self, row: dict[str, Any]) -> Any:
        return row if self._transform is None else self._transform(row)


def dataset(
    warehouse: str | os.PathLike[str],
    sql: str,
    *,
    to: str | os.PathLike[str] | None = None,
    as_of: str | None = None,
    values: Mapping[str, object] | None = None,
    transform: Callable[[dict[str, Any]], Any] | None = None,
) -> Dataset:
    """Write the rows of a reading statement to a Parquet file and return them as a sequence.

    Without `to` the file is temporary, and goes with the dataset. Memory does not grow with the rows.
    Raises QueryError as `query` does, OutputError if the file cannot be written.
    """
    owner = PrivateFolder() if to is None else None
    try:
        path = owner.path / _FILE if owner is not None else Path(os.fspath(to or "")).absolute()
        with (
            QueryResult(query(warehouse, sql, as_of=as_of, values=values), warehouse) as rows,
            output_file(path, Path(warehouse)) as out,
        ):
            reader = rows.to_arrow_reader(_BATCH_ROWS)
            with pq.ParquetWriter(out, reader.schema, compression="zstd") as writer:
                for batch in reader:
                    writer.write_batch(batch, row_group_size=ROWS_PER_GROUP)
        return Dataset(path, transform, owner)
    except BaseException:
        if owner is not None:
            owner.remove()
        raise


def _remove(owner: PrivateFolder, process: int) -> None:
    # A forked process ends without taking the files of the process that made them.
    if os.getpid() == process:
        owner.remove()
