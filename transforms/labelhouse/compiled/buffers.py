"""Call the compiled library, and take the buffers that it returns as Arrow's."""

import ctypes
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from labelhouse.compiled.library import library
from labelhouse.hashing.row_hashes import salt_of
from labelhouse.schema.arrow_types import BIGINT, BOOLEAN, DOUBLE, VARCHAR

MOST_BYTES = 256 << 20
"""Longer texts are left to another reader: offsets in Arrow have 32 bits."""
LABELS, KEYPOINTS, ANSWERS, IMAGES = PARTS = range(4)
"""Parts of a result, whose memory is given back apart: their tables are written at different times."""

_SALTS = (
    *("bbox_x", "bbox_y", "bbox_w", "bbox_h", "area", "iscrowd", "polygons", "rle_height", "rle_width"),
    *("rle_counts", "num_keypoints", "rotation", "manual_annotation", "score", "extra", "keypoints"),
    *("annotation_id", "image_id", "category_id", "track_id", "encord_track_uuid", "content_hash"),
    *("annotation_id_text", "image_id_text", "category_id_text", "track_id_text"),
    *("name", "origin", "value", "value_type"),
    *("image_key", "file_name", "title", "media_type", "data_hash", "frame", "width", "height", "coco_url"),
)
"""Columns whose names are mixed into hashes, in the order of the library's enum `Salt`."""


class _Buffer(ctypes.Structure):
    _fields_ = (("address", ctypes.c_void_p), ("bytes", ctypes.c_int64), ("nulls", ctypes.c_int64))


class _Result(ctypes.Structure):
    _fields_ = (
        ("buffers", ctypes.POINTER(_Buffer)),
        ("count", ctypes.c_int64),
        ("records", ctypes.c_int64),
        ("end", ctypes.c_int64),
    )


class _Part:
    """Gives the memory of a part of a result back when no column uses it any more."""

    def __init__(self, release: Callable[[int, int], None], handle: int, part: int) -> None:
        self._release = release
        self._handle = handle
        self._part = part

    def __del__(self) -> None:
        self._release(self._handle, self._part)


class _Validity(NamedTuple):
    buffer: pa.Buffer | None
    nulls: int


class Buffers:
    """Take the buffers of a result one after the other, in the order of native/source/interface.cpp."""

    def __init__(self, parts: list[_Part], result: _Result) -> None:
        self.records: int = result.records
        """How many records there are."""
        self.end: int = result.end
        """Offset behind the last one."""
        self._buffers: Iterator[_Buffer] = iter(result.buffers[: result.count])
        self._parts = parts
        self._owner = parts[LABELS]

    def take_part(self, part: int) -> None:
        """Say that the next buffers are of a part."""
        self._owner = self._parts[part]

    def numbers(self, kind: Any) -> npt.NDArray[Any]:
        """Return numbers of a type of numpy's."""
        return np.frombuffer(self._buffer(), kind)

    def plain(self, kind: pa.DataType) -> pa.Array:
        """Return a column of numbers of eight bytes without null."""
        buffer = self._buffer()
        return pa.Array.from_buffers(kind, buffer.size // 8, [None, buffer], 0)

    def column(self, kind: pa.DataType) -> pa.Array:
        """Return a column of numbers of eight bytes."""
        validity, values = self._validity(), self._buffer()
        return pa.Array.from_buffers(kind, values.size // 8, [validity.buffer, values], validity.nulls)

    def integers(self) -> pa.Array:
        """Return a column of integers."""
        return self.column(BIGINT)

    def doubles(self) -> pa.Array:
        """Return a column of doubles."""
        return self.column(DOUBLE)

    def booleans(self, rows: int) -> pa.Array:
        """Return a column of `rows` booleans."""
        validity = self._validity()
        return pa.Array.from_buffers(BOOLEAN, rows, [validity.buffer, self._buffer()], validity.nulls)

    def texts(self) -> pa.Array:
        """Return a column of texts."""
        validity, offsets, characters = self._validity(), self._buffer(), self._buffer()
        rows = offsets.size // 4 - 1
        return pa.Array.from_buffers(VARCHAR, rows, [validity.buffer, offsets, characters], validity.nulls)

    def polygons(self) -> pa.Array:
        """Return a column of lists of rings."""
        validity, outer, inner, values = self._validity(), self._buffer(), self._buffer(), self._buffer()
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

    def _validity(self) -> _Validity:
        bits = next(self._buffers)
        return _Validity(self._memory(bits) if bits.nulls else None, bits.nulls)

    def _buffer(self) -> pa.Buffer:
        return self._memory(next(self._buffers))

    def _memory(self, buffer: _Buffer) -> pa.Buffer:
        if not buffer.bytes:
            return pa.py_buffer(b"")
        return pa.foreign_buffer(buffer.address, buffer.bytes, self._owner)


def read(
    call: Callable[..., int | None], text: bytes, max_attributes: int, *options: int
) -> Buffers | None:
    """Call a function of the library on a text; None where it returns nothing."""
    result = _Result()
    salts = _salts()
    handle = call(text, len(text), *options, salts.ctypes.data, max_attributes, ctypes.byref(result))
    if not handle:
        return None
    loaded = library()
    assert loaded is not None
    return Buffers([_Part(loaded.labelhouse_release, handle, part) for part in PARTS], result)


@cache
def _salts() -> npt.NDArray[np.uint64]:
    return np.array([salt_of(name) for name in _SALTS], np.uint64)
