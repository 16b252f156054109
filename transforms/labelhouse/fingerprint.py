"""Hash the content of Arrow batches, whatever blocks they came in."""

import hashlib
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc


class Fingerprint:
    """Hash rows column by column, so that the same rows give the same digest in any batches.

    Hashed are values, list lengths and nulls, never buffers' padding or offsets. Columns that name a
    version of the document rather than its content are left out by the caller.
    """

    def __init__(self) -> None:
        self._streams: dict[str, hashlib.blake2b] = {}

    def add(self, prefix: str, batch: pa.RecordBatch, *, without: frozenset[str]) -> None:
        """Add the rows of a batch; `prefix` tells its table from others."""
        for name, column in zip(batch.schema.names, batch.columns, strict=True):
            if name not in without:
                self._add(f"{prefix}.{name}", column)

    def hexdigest(self) -> str:
        """Return the digest of all columns."""
        total = hashlib.blake2b(digest_size=16)
        for name in sorted(self._streams):
            total.update(name.encode())
            total.update(self._streams[name].digest())
        return total.hexdigest()

    def _add(self, path: str, array: pa.Array) -> None:
        # Nulls, lengths and values are streams of their own: in one they would take turns batch by batch.
        nulls = array.is_valid().to_numpy(zero_copy_only=False) if array.null_count else None
        self._update(path + "?", b"\1" * len(array) if nulls is None else nulls.tobytes())
        kind = array.type
        if pa.types.is_list(kind):
            self._update(path + "#", _values(array.value_lengths(), 0).tobytes())
            self._add(path + "[]", array.flatten())
        elif pa.types.is_string(kind):
            texts = pc.fill_null(array, "") if array.null_count else array
            lengths = pc.binary_length(texts).to_numpy(zero_copy_only=False)
            self._update(path + "#", lengths.astype(np.int64).tobytes())
            self._update(path, _characters(texts))
        elif pa.types.is_boolean(kind):
            self._update(path, _values(array, False).tobytes())
        elif not pa.types.is_null(kind):
            self._update(path, np.ascontiguousarray(_values(array, 0)).tobytes())

    def _update(self, stream: str, content: bytes | memoryview) -> None:
        digest = self._streams.get(stream)
        if digest is None:
            digest = self._streams[stream] = hashlib.blake2b(digest_size=16)
        digest.update(content)


def _characters(texts: pa.Array) -> bytes | memoryview:
    """Return the bytes of all texts, one behind the other; none of them is null."""
    _, offsets, characters = texts.buffers()
    if characters is None or not len(texts):
        return b""
    places = np.frombuffer(offsets, np.int32)
    first, last = places[texts.offset], places[texts.offset + len(texts)]
    return memoryview(characters)[int(first) : int(last)]


def _values(array: pa.Array, null: int) -> npt.NDArray[Any]:
    """Return an array's values with nulls as `null`."""
    filled = pc.fill_null(array, null) if array.null_count else array
    values: npt.NDArray[Any] = filled.to_numpy(zero_copy_only=False)
    return values
