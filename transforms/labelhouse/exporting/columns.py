"""Turn Arrow columns into Python values, and JSON texts into parts, as fast as possible."""

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any, TypeAlias

import msgspec
import numpy as np
import pyarrow as pa

Parts: TypeAlias = dict[str, msgspec.Raw]
"""A JSON object by its keys, each value as its text, so that writing it again keeps every digit."""

_PARTS = msgspec.json.Decoder(Parts)


def parts_of(text: str | bytes | msgspec.Raw) -> Parts:
    """Split the text of a JSON object into its parts."""
    return _PARTS.decode(text)


@lru_cache(maxsize=1024)
def blanks_of(text: str) -> dict[str, Any]:
    """Decode a text of the column `blanks`; there are few different ones. Callers do not change it."""
    blanks: dict[str, Any] = msgspec.json.decode(text)
    return blanks


def values_of(column: pa.Array) -> Sequence[Any]:
    """Return a column as Python values; for numbers this is many times as fast as Arrow's own way."""
    count = len(column)
    if column.null_count == count:
        return [None] * count
    if not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type)):
        values: list[Any] = column.to_pylist()
        return values
    if not column.null_count:
        return column.to_numpy().tolist()  # type: ignore[no-any-return]
    numbers = column.fill_null(0).to_numpy().tolist()
    valid = column.is_valid().to_numpy(zero_copy_only=False).tolist()
    return [number if has else None for number, has in zip(numbers, valid, strict=True)]


def ring_lists_of(column: pa.Array) -> Sequence[list[list[float]] | None]:
    """Return a column of rings as lists; this slices flattened numbers and never visits each one."""
    if column.null_count == len(column):
        return [None] * len(column)
    rings = column.flatten()
    numbers = rings.flatten().to_numpy().tolist()
    ends = [0, *np.cumsum(rings.value_lengths().to_numpy()).tolist()]
    cut = [numbers[start:end] for start, end in pairwise(ends)]
    lengths = values_of(column.value_lengths())
    ring_lists: list[list[list[float]] | None] = []
    at = 0
    for length in lengths:
        if length is None:
            ring_lists.append(None)
        else:
            ring_lists.append(cut[at : at + length])
            at += length
    return ring_lists
