"""Find the keypoints and answers of labels in rows with the same order: a merge, with no hash table."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from labelhouse.exporting.answers import Answer
from labelhouse.exporting.columns import values_of

Keys: TypeAlias = npt.NDArray[np.int64]

_POSITION_BITS = 40


def label_keys(rows: pa.Table | pa.RecordBatch, position: str) -> Keys:
    """Return one number per row that identifies a label in its chunk and sorts as the labels do."""
    keys: Keys = (rows["ordinal"].to_numpy() << _POSITION_BITS) + rows[position].to_numpy()
    return keys


def _runs(children: Keys, labels: Keys) -> tuple[int, int, Sequence[int], Sequence[int]]:
    """Return the range of children that belongs to the labels, and each label's part of it."""
    if not len(labels):
        return 0, 0, (), ()
    starts = np.searchsorted(children, labels, "left")
    ends = np.searchsorted(children, labels, "right")
    first, last = int(starts[0]), int(ends[-1])
    return first, last, (starts - first).tolist(), (ends - first).tolist()


@dataclass(frozen=True, slots=True)
class KeypointRows:
    """The keypoints of a chunk."""

    keys: Keys
    rows: pa.RecordBatch

    @classmethod
    def of(cls, table: pa.Table) -> "KeypointRows":
        """Take the rows of a chunk, sorted by label."""
        return cls(label_keys(table, "annotation_position"), _whole(table))

    def lists(self, labels: Keys) -> Sequence[list[float | None] | None]:
        """Return x, y, visibility, x, ... of each label; None for a label without keypoints."""
        first, last, starts, ends = _runs(self.keys, labels)
        if first == last:
            return [None] * len(labels)
        part = self.rows.slice(first, last - first)
        flat: list[float | None] = [None] * (3 * len(part))
        for index, name in enumerate(("x", "y", "visibility")):
            flat[index::3] = values_of(part[name])
        return [
            flat[3 * start : 3 * end] if end > start else None
            for start, end in zip(starts, ends, strict=True)
        ]


@dataclass(frozen=True, slots=True)
class AnswerRows:
    """The answers of a chunk."""

    keys: Keys
    rows: pa.RecordBatch

    @classmethod
    def of(cls, table: pa.Table) -> "AnswerRows":
        """Take the rows of a chunk, sorted by label."""
        return cls(label_keys(table, "annotation_position"), _whole(table))

    def lists(self, labels: Keys) -> Sequence[Sequence[Answer] | None]:
        """Return the answers of each label; None for a label without answers."""
        first, last, starts, ends = _runs(self.keys, labels)
        if first == last:
            return [None] * len(labels)
        part = self.rows.slice(first, last - first)
        columns: list[Any] = [part[name].to_pylist() for name in ("name", "origin", "value", "value_type")]
        answers: list[Answer] = list(zip(*columns, strict=True))
        return [
            answers[start:end] if end > start else None for start, end in zip(starts, ends, strict=True)
        ]


def _whole(table: pa.Table) -> pa.RecordBatch:
    batches = table.combine_chunks().to_batches()
    return batches[0] if batches else pa.RecordBatch.from_pylist([], schema=table.schema)
