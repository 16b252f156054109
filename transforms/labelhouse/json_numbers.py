"""Convert JSON texts of number lists to Arrow, a block at a time, with no Python object a number."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import simdjson

from labelhouse.arrow_types import DOUBLE

Text: TypeAlias = bytes | msgspec.Raw
"""One JSON text, known to be well-formed; empty for a key that is missing."""

_OPEN, _CLOSE, _COMMA = b"[],"
_MARKS = bytes(range(256))
_UNMARKED = bytes(set(range(256)) - set(b"[],"))
_EXACT = 2.0**53
_TRIVIAL_BYTES = 4
"""Up to this length a text may be null or a list without numbers, which no vector operation takes."""


@dataclass(frozen=True, slots=True)
class Lists:
    """The texts of a column that were number lists, in Arrow, and the rows of all others.

    `array` has one entry a text, null at the rows `others` and where there is null or no text;
    `nulls` are the rows of null.
    """

    array: pa.Array
    nulls: npt.NDArray[np.int64]
    others: npt.NDArray[np.int64]


def lists_of(texts: Sequence[Text], depth: int) -> Lists | None:
    """Convert texts to list<double> (depth 1) or list<list<double>> (depth 2).

    Returns None where a list holds anything but numbers that doubles hold exactly, or is of another depth:
    then every text has to be looked at by itself. Empty lists are lists; rows in `others` are no lists.
    """
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    joined = b",".join(texts)
    characters = np.frombuffer(joined, np.uint8)
    firsts = np.cumsum(lengths + 1) - lengths - 1
    kinds = np.zeros(len(texts), np.uint8)
    kinds[lengths > 0] = characters[firsts[lengths > 0]]
    full = kinds == _OPEN
    empty: list[int] = []
    for row in np.flatnonzero(full & (lengths <= _TRIVIAL_BYTES)).tolist():
        if not bytes(texts[row]).strip(b"[] \t\r\n"):
            full[row] = False
            if bytes(texts[row]).count(b"[") > 1:
                return None
            empty.append(row)
    if not full.all():
        joined = b",".join([texts[row] for row in np.flatnonzero(full).tolist()])
    counted = _counted(joined, depth)
    if counted is None:
        return None
    numbers, inner, outer = counted
    if len(outer) != np.count_nonzero(full):
        return None
    counts = np.zeros(len(texts), np.int64)
    counts[full] = outer
    filled = full.copy()
    filled[empty] = True
    values = pa.array(numbers, DOUBLE)
    if depth == 2:
        values = pa.ListArray.from_arrays(_offsets(inner), values)
    mask = None if filled.all() else pa.array(~filled)
    array = pa.ListArray.from_arrays(_offsets(counts), values, mask=mask)
    null = kinds == ord("n")
    return Lists(array, np.flatnonzero(null), np.flatnonzero(~filled & ~null & (kinds != 0)))


def _counted(
    joined: bytes, depth: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64], npt.NDArray[np.int64]] | None:
    """Return the numbers of joined lists, the length of each innermost list, and of each list."""
    if not joined:
        none = np.zeros(0, np.int64)
        return np.zeros(0, np.float64), none, none
    marks = np.frombuffer(joined.translate(_MARKS, _UNMARKED), np.uint8)
    brackets = np.flatnonzero(marks != _COMMA)
    depths = np.cumsum(np.where(marks[brackets] == _OPEN, 1, -1))
    if int(depths.max()) != depth:
        return None
    # An innermost list is a bracket that leads to the full depth and the next one, which leads back;
    # between them are commas and nothing else.
    opening = np.flatnonzero(depths == depth)
    inner = brackets[opening + 1] - brackets[opening]
    numbers = _numbers(joined)
    # More commas than between lists and between the numbers in them part numbers beside the lists; then
    # fewer numbers are there if a list is empty.
    commas = len(marks) - len(brackets)
    if numbers is None or len(numbers) != inner.sum() or commas != inner.sum() - 1:
        return None
    if depth == 1:
        return numbers, inner, inner
    ends = np.flatnonzero(depths == 0)
    rings = np.searchsorted(opening, ends)
    return numbers, inner, np.diff(rings, prepend=0)


def _numbers(joined: bytes) -> npt.NDArray[np.float64] | None:
    parser = simdjson.Parser()
    try:
        parsed = parser.parse(b"[%b]" % joined)
        assert isinstance(parsed, simdjson.Array)
        # The numbers of lists within lists come one behind the other.
        numbers = np.frombuffer(parsed.as_buffer(of_type="d"), np.float64)
    except (ValueError, TypeError, RuntimeError):
        # What is no flat list of numbers; simdjson has an error of its own for some of it.
        return None
    # A larger integer need not be exact as a double; floats that large are rare enough.
    if numbers.size and not (numbers.max() < _EXACT and numbers.min() > -_EXACT):
        return None
    return numbers


def _offsets(lengths: npt.NDArray[np.int64]) -> pa.Array:
    offsets = np.zeros(len(lengths) + 1, np.int32)
    np.cumsum(lengths, out=offsets[1:])
    return pa.array(offsets)
