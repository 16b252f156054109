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
        self._columns: dict[str, hashlib.blake2b] = {}

    def add(self, prefix: str, batch: pa.RecordBatch, *, without: frozenset[str]) -> None:
        """Add the rows of a batch; `prefix` tells its table from others."""
        for name, column in zip(batch.schema.names, batch.columns, strict=True):
            if name not in without:
                self._add(f"{prefix}.{name}", column)

    def hexdigest(self) -> str:
        """Return the digest of all columns."""
        total = hashlib.blake2b(digest_size=16)
        for name in sorted(self._columns):
            total.update(name.encode())
            total.update(self._columns[name].digest())
        return total.hexdigest()

    def _add(self, path: str, array: pa.Array) -> None:
        digest = self._columns.get(path)
        if digest is None:
            digest = self._columns[path] = hashlib.blake2b(digest_size=16)
        # A mask of no nulls hashes like one that is there, so that it does not depend on the batch.
        if array.null_count:
            digest.update(array.is_valid().to_numpy(zero_copy_only=False).tobytes())
        else:
            digest.update(b"\1" * len(array))
        kind = array.type
        if pa.types.is_list(kind):
            digest.update(_values(array.value_lengths(), 0).tobytes())
            self._add(path + "[]", array.flatten())
        elif pa.types.is_string(kind):
            texts = [b"" if v is None else v.encode() for v in array.to_pylist()]
            digest.update(np.fromiter(map(len, texts), np.int64, len(texts)).tobytes())
            digest.update(b"".join(texts))
        elif pa.types.is_boolean(kind):
            digest.update(_values(array, False).tobytes())
        elif not pa.types.is_null(kind):
            digest.update(np.ascontiguousarray(_values(array, 0)).tobytes())


def _values(array: pa.Array, null: int) -> npt.NDArray[Any]:
    """Return an array's values with nulls as `null`."""
    filled = pc.fill_null(array, null) if array.null_count else array
    values: npt.NDArray[Any] = filled.to_numpy(zero_copy_only=False)
    return values
