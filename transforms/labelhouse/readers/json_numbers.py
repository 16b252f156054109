"""Convert JSON texts of number lists to Arrow, a block at a time, without a Python object per number."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress
from typing import TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import simdjson

from labelhouse.coco.json_syntax import WHITE_SPACE
from labelhouse.schema.arrow_types import DOUBLE

Text: TypeAlias = bytes | msgspec.Raw
"""One JSON text, known to be well-formed; empty for a key that is missing."""

_OPEN, _CLOSE, _COMMA = b"[],"
_EXACT = 2.0**53
_TRIVIAL_BYTES = 4
"""Up to this length a text may be null or a list without numbers, which vector operations do not take."""
_WORD = 64
"""Commas are counted in words of this many characters, one bit each."""


@dataclass(frozen=True, slots=True)
class NumberLists:
    """The number lists of a column in Arrow, and the rows of all other texts.

    `array` has one entry per text. It is null at the rows `others`, for null, and where there is no text.
    `nulls` are the rows of null.
    """

    array: pa.Array
    nulls: npt.NDArray[np.int64]
    others: npt.NDArray[np.int64]


def lists_of(texts: Sequence[Text], depth: int) -> NumberLists | None:
    """Convert texts to list<double> (depth 1) or list<list<double>> (depth 2).

    Returns None where a list is of another depth, or holds anything other than numbers that doubles hold
    exactly. Then the caller has to check every text by itself. Empty lists are lists; rows in `others` are
    not lists.

    >>> lists = lists_of([b"[1, 2.5]", b"null", b"", b"[]", b'"a"'], depth=1)
    >>> lists.array.to_pylist(), lists.nulls.tolist(), lists.others.tolist()
    ([[1.0, 2.5], None, None, [], None], [1], [4])
    """
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    kinds = np.zeros(len(texts), np.uint8)
    full = lengths > _TRIVIAL_BYTES
    joined = _joined(texts, lengths, full)
    kinds[full] = _firsts(joined, lengths[full])
    empty: list[int] = []
    if not full.all():
        short = ~full & (lengths > 0)
        kinds[short] = _firsts(_joined(texts, lengths, short), lengths[short])
        trivial = {row: bytes(texts[row]) for row in np.flatnonzero(short & (kinds == _OPEN)).tolist()}
        without_numbers = {text for text in set(trivial.values()) if not text.strip(b"[]" + WHITE_SPACE)}
        if any(text.count(b"[") > 1 for text in without_numbers):
            return None
        empty = [row for row, text in trivial.items() if text in without_numbers]
    is_list = kinds == _OPEN
    is_list[empty] = False
    if not np.array_equal(is_list, full):
        full = is_list
        joined = _joined(texts, lengths, full)
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
    return NumberLists(array, np.flatnonzero(null), np.flatnonzero(~filled & ~null & (kinds != 0)))


def _joined(texts: Sequence[Text], lengths: npt.NDArray[np.int64], chosen: npt.NDArray[np.bool_]) -> bytes:
    """Return the chosen texts as one list, padded with white space to whole words."""
    parts: list[Text] = list(texts) if chosen.all() else list(compress(texts, chosen.tolist()))
    if not parts:
        return b""
    length = int(lengths[chosen].sum()) + len(parts) + 1
    parts[0] = b"[%b" % parts[0]
    parts[-1] = b"%b]%b" % (parts[-1], b" " * (-length % _WORD))
    return b",".join(parts)


def _firsts(joined: bytes, lengths: npt.NDArray[np.int64]) -> npt.NDArray[np.uint8]:
    """Return the first character of each text of a list."""
    firsts = np.cumsum(lengths + 1) - lengths
    characters: npt.NDArray[np.uint8] = np.frombuffer(joined, np.uint8)[firsts]
    return characters


def _counted(
    joined: bytes, depth: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64], npt.NDArray[np.int64]] | None:
    """Return the numbers of a list of lists, and the lengths of its innermost lists and of its lists.

    The lengths come from the commas between brackets; the text is padded to whole words.

    >>> numbers, inner, outer = _counted(b"[[[1,2,3],[4]],[[5,6]]]".ljust(_WORD), depth=2)
    >>> numbers.tolist(), inner.tolist(), outer.tolist()
    ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [3, 1, 2], [2, 1])
    """
    if not joined:
        none = np.zeros(0, np.int64)
        return np.zeros(0, np.float64), none, none
    characters = np.frombuffer(joined, np.uint8)
    # Among the characters of numbers only the letter of an exponent sorts behind the opening bracket.
    brackets = np.flatnonzero(characters >= _OPEN)
    kinds = characters[brackets]
    if kinds.max() > _CLOSE:
        brackets = brackets[kinds <= _CLOSE]
        kinds = characters[brackets]
    depths = np.cumsum(np.where(kinds == _OPEN, 1, -1))
    if int(depths.max()) != depth + 1:
        return None
    # An innermost list goes from a bracket that leads to the full depth to the next bracket, which leads
    # back. Between the two there are only commas as separators.
    opening = np.flatnonzero(depths == depth + 1)
    commas = _commas_before(characters, brackets)
    inner = commas[opening + 1] - commas[opening] + 1
    numbers = _numbers(joined)
    # A comma that is neither between lists nor between their numbers separates numbers beside the lists. If
    # a list is empty, there are fewer numbers than counted.
    if numbers is None or len(numbers) != inner.sum() or commas[-1] != inner.sum() - 1:
        return None
    if depth == 1:
        return numbers, inner, inner
    ends = np.flatnonzero((depths == 1) & (kinds == _CLOSE))
    rings = np.searchsorted(opening, ends)
    return numbers, inner, np.diff(rings, prepend=0)


def _commas_before(
    characters: npt.NDArray[np.uint8], places: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Return how many commas come before each place; the text has whole words of characters.

    >>> _commas_before(np.frombuffer(b"[1,2,[3]],4".ljust(_WORD), np.uint8), np.array([0, 5, 10])).tolist()
    [0, 2, 3]
    """
    words = np.packbits(characters == _COMMA, bitorder="little").view(np.uint64)
    sums = np.cumsum(np.bitwise_count(words), dtype=np.int64)
    word, bit = places // _WORD, (places % _WORD).astype(np.uint64)
    before: npt.NDArray[np.int64] = sums[word] - np.bitwise_count(words[word] >> bit)
    return before


def _numbers(joined: bytes) -> npt.NDArray[np.float64] | None:
    parser = simdjson.Parser()
    try:
        parsed = parser.parse(joined)
        assert isinstance(parsed, simdjson.Array)
        # The numbers of lists within lists come one after the other.
        numbers = np.frombuffer(parsed.as_buffer(of_type="d"), np.float64)
    except (ValueError, TypeError, RuntimeError):
        # The text is not a flat list of numbers; simdjson raises an error of its own for some of these.
        return None
    # A larger integer may not be exact as a double. Floats of that size are rare, so they are refused too.
    if numbers.size and not (numbers.max() < _EXACT and numbers.min() > -_EXACT):
        return None
    return numbers


def _offsets(lengths: npt.NDArray[np.int64]) -> pa.Array:
    offsets = np.zeros(len(lengths) + 1, np.int32)
    np.cumsum(lengths, out=offsets[1:])
    return pa.array(offsets)
