"""Read labels of COCO JSON with the compiled library: from their text to columns of the tables.

The library takes labels of the ordinary forms, those that give no issue. It says of each other record where
it lies in the text; another reader has to look at it.
"""

import ctypes
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from labelhouse.compiled.library import library
from labelhouse.hashing.row_hashes import salt_of
from labelhouse.schema.arrow_types import BIGINT, BOOLEAN, DOUBLE, VARCHAR

Integers: TypeAlias = npt.NDArray[np.int64]

MOST_BYTES = 256 << 20
"""Longer texts are left to another reader: offsets in Arrow have 32 bits."""

_PARTS = 3
"""Labels, keypoints and answers: their tables are written at different times."""

_SALTS = (
    *("bbox_x", "bbox_y", "bbox_w", "bbox_h", "area", "iscrowd", "polygons", "rle_height", "rle_width"),
    *("rle_counts", "num_keypoints", "rotation", "manual_annotation", "score", "extra", "keypoints"),
    *("annotation_id", "image_id", "category_id", "track_id", "encord_track_uuid", "content_hash"),
    *("annotation_id_text", "image_id_text", "category_id_text", "track_id_text"),
    *("name", "origin", "value", "value_type"),
)
"""Columns whose names are mixed into hashes, in the order of the library's enum `Salt`."""

BLANKS: Sequence[tuple[tuple[str, ...], Any]] = (
    *(((key,), None) for key in ("bbox", "area", "iscrowd", "segmentation", "keypoints", "num_keypoints")),
    *(((key,), None) for key in ("track_id", "score", "attributes")),
    *(
        (("attributes", key), None)
        for key in ("track_id", "encord_track_uuid", "rotation", "manual_annotation")
    ),
    (("keypoints",), []),
    (("attributes", "classifications"), {}),
    (("attributes",), {}),
)
"""What each bit of `CompiledLabels.blanks` stands for: the path of a key and its blank value."""


@dataclass(frozen=True, slots=True)
class CompiledLabels:
    """Labels of a text as columns, and the records of it that were declined.

    `rows` has the index of each label among the records of the text. `columns` are those of the table
    annotations but document_key, position and blanks. `keypoints` and `attributes` are columns of these
    tables, and `keypoint_labels` and `attribute_labels` the label, as an index, that each of their rows
    belongs to. `row_sums` are the sums of the hashes of each label's `columns`.
    `counts` are the records of each segment of the text. `end` is the offset behind the last record.
    """

    rows: Integers
    columns: Mapping[str, pa.Array]
    blanks: npt.NDArray[np.uint32]
    row_sums: npt.NDArray[np.uint64]
    keypoint_labels: pa.Array
    keypoints: Mapping[str, pa.Array]
    attribute_labels: pa.Array
    attributes: Mapping[str, pa.Array]
    declined: Integers
    declined_starts: Integers
    declined_ends: Integers
    counts: Integers
    records: int
    end: int

    def declined_texts(self, text: bytes) -> list[bytes]:
        """Return the texts of the records that were declined; `text` is what was read."""
        spans = zip(self.declined_starts.tolist(), self.declined_ends.tolist(), strict=True)
        return [text[start:end] for start, end in spans]


def read_labels(
    text: bytes,
    max_attributes: int,
    *,
    starts: Integers | None = None,
    ends: Integers | None = None,
    may_end_early: bool = False,
) -> CompiledLabels | None:
    """Read records that are separated by commas, in segments of a text if `starts` and `ends` are given.

    With `may_end_early` the last record may be cut, and a closing bracket ends the records. The text has to
    be UTF-8. A label with more attributes than `max_attributes` is declined. Returns None where the library
    is not there, and for a text that is not a list of records.
    """
    loaded = library()
    if loaded is None or len(text) > MOST_BYTES:
        return None
    if starts is None or ends is None:
        starts, ends = np.zeros(1, np.int64), np.array([len(text)], np.int64)
    buffers, count = ctypes.c_void_p(), ctypes.c_int64()
    records, end = ctypes.c_int64(), ctypes.c_int64()
    result = loaded.labelhouse_annotations(
        text,
        starts.ctypes.data,
        ends.ctypes.data,
        len(starts),
        may_end_early,
        _salts().ctypes.data,
        max_attributes,
        *map(ctypes.byref, (buffers, count, records, end)),
    )
    if not result:
        return None
    assert buffers.value is not None
    listed = (_Buffer * count.value).from_address(buffers.value)
    parts = [_Part(loaded.labelhouse_release, result, part) for part in range(_PARTS)]
    return _labels(_Buffers(iter(listed)), parts, records.value, end.value)


class _Buffer(ctypes.Structure):
    _fields_ = (("address", ctypes.c_void_p), ("bytes", ctypes.c_int64), ("nulls", ctypes.c_int64))


class _Part:
    """Gives the memory of a part of a result back when no column uses it any more."""

    def __init__(self, release: Callable[[int, int], None], result: int, part: int) -> None:
        self._release = release
        self._result = result
        self._part = part

    def __del__(self) -> None:
        self._release(self._result, self._part)


class _Validity(NamedTuple):
    buffer: pa.Buffer | None
    nulls: int


class _Buffers:
    """Take the buffers of a result one after the other, in the order of native/source/interface.cpp."""

    owner: _Part

    def __init__(self, buffers: Iterator[_Buffer]) -> None:
        self._buffers = buffers

    def buffer(self) -> pa.Buffer:
        return self._memory(next(self._buffers))

    def validity(self) -> _Validity:
        bits = next(self._buffers)
        return _Validity(self._memory(bits) if bits.nulls else None, bits.nulls)

    def numbers(self, kind: Any) -> npt.NDArray[Any]:
        return np.frombuffer(self.buffer(), kind)

    def plain(self, kind: pa.DataType) -> pa.Array:
        """Return a column of numbers without null."""
        buffer = self.buffer()
        return pa.Array.from_buffers(kind, buffer.size // 8, [None, buffer], 0)

    def column(self, kind: pa.DataType) -> pa.Array:
        validity, values = self.validity(), self.buffer()
        return pa.Array.from_buffers(kind, values.size // 8, [validity.buffer, values], validity.nulls)

    def booleans(self, rows: int) -> pa.Array:
        validity = self.validity()
        return pa.Array.from_buffers(BOOLEAN, rows, [validity.buffer, self.buffer()], validity.nulls)

    def texts(self) -> pa.Array:
        validity, offsets, characters = self.validity(), self.buffer(), self.buffer()
        rows = offsets.size // 4 - 1
        return pa.Array.from_buffers(VARCHAR, rows, [validity.buffer, offsets, characters], validity.nulls)

    def polygons(self) -> pa.Array:
        validity, outer, inner, values = self.validity(), self.buffer(), self.buffer(), self.buffer()
        numbers = pa.Array.from_buffers(DOUBLE, values.size // 8, [None, values], 0)
        rings = pa.Array.from_buffers(
            pa.list_(DOUBLE), inner.size // 4 - 1, [None, inner], 0, children=[numbers]
        )
        return pa.Array.from_buffers(
            pa.list_(pa.list_(DOUBLE)),
            outer.size // 4 - 1,
            [validity.buffer, outer],
            validity.nulls,
            children=[rings],
        )

    def _memory(self, buffer: _Buffer) -> pa.Buffer:
        if not buffer.bytes:
            return pa.py_buffer(b"")
        return pa.foreign_buffer(buffer.address, buffer.bytes, self.owner)


def _labels(buffers: _Buffers, parts: Sequence[_Part], records: int, end: int) -> CompiledLabels:
    buffers.owner = parts[0]
    rows = buffers.numbers(np.int64)
    integers, doubles, texts = (
        partial(buffers.column, BIGINT),
        partial(buffers.column, DOUBLE),
        buffers.texts,
    )
    columns = {
        **{name: integers() for name in ("annotation_id", "image_id", "category_id")},
        **{name: doubles() for name in ("bbox_x", "bbox_y", "bbox_w", "bbox_h", "area")},
        "iscrowd": integers(),
        "segmentation_kind": texts(),
        "polygons": buffers.polygons(),
        **{name: integers() for name in ("rle_height", "rle_width")},
        "rle_counts": texts(),
        **{name: integers() for name in ("num_keypoints", "track_id")},
        "encord_track_uuid": texts(),
        "rotation": doubles(),
        "manual_annotation": buffers.booleans(len(rows)),
        "score": doubles(),
        "extra": texts(),
    }
    blanks = buffers.numbers(np.uint32)
    columns["content_hash"] = buffers.plain(BIGINT)
    row_sums = buffers.numbers(np.uint64)
    ids = ("annotation_id_text", "image_id_text", "category_id_text", "track_id_text")
    columns |= {name: texts() for name in ids}
    buffers.owner = parts[1]
    keypoint_labels = buffers.plain(BIGINT)
    keypoints = {
        "keypoint_index": buffers.plain(BIGINT),
        **{name: buffers.plain(DOUBLE) for name in ("x", "y", "visibility")},
    }
    buffers.owner = parts[2]
    attribute_labels = buffers.plain(BIGINT)
    attributes = {
        **{name: texts() for name in ("name", "origin", "value", "value_type")},
        "value_number": doubles(),
        "value_boolean": buffers.booleans(len(attribute_labels)),
    }
    buffers.owner = parts[0]
    declined, starts, ends, counts = (buffers.numbers(np.int64) for _ in range(4))
    return CompiledLabels(
        *(rows, columns, blanks, row_sums, keypoint_labels, keypoints, attribute_labels, attributes),
        *(declined, starts, ends, counts, records, end),
    )


@cache
def _salts() -> npt.NDArray[np.uint64]:
    return np.array([salt_of(name) for name in _SALTS], np.uint64)
