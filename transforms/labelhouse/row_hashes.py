"""Hash rows of Arrow columns to 64 bits each, whatever batches they come in.

A row's hash is a sum over its columns, and that of a set of rows a sum over its rows, so that parts that
were hashed apart (blocks, processes) join by addition, modulo 2^64. What is summed is mixed first as in
splitmix64 (Steele, Lea, Flood 2014), with the place of a value in its list or text mixed in. The figures
are stored: a change of anything here makes every document look changed once.
"""

import hashlib
from collections.abc import Mapping
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Hashes: TypeAlias = npt.NDArray[np.uint64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_LONG_TEXT_BYTES = 64
"""Longer texts are hashed one by one, shorter ones all at once, byte by byte."""


def row_hashes(columns: Mapping[str, pa.Array], rows: int) -> Hashes:
    """Return a hash a row of the named columns; null adds nothing, as do empty lists."""
    total = np.zeros(rows, np.uint64)
    for name, column in columns.items():
        if column.null_count < rows:
            total += named(name, value_hashes(column))
    return total


def named(name: str, hashes: Hashes) -> Hashes:
    """Mix the name of a column into the hashes of its values; 0, which stands for nothing, stays 0."""
    salt = np.uint64(int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little"))
    return np.where(hashes == 0, hashes, mixed(hashes ^ salt))


def value_hashes(array: pa.Array) -> Hashes:
    """Return a hash a value; 0 for null and for an empty list."""
    kind = array.type
    if pa.types.is_list(kind):
        return _list_hashes(array)
    if pa.types.is_string(kind):
        hashes = _text_hashes(pc.fill_null(array, "") if array.null_count else array)
    else:
        hashes = mixed(_bits(array) + _GOLDEN)
    return _nulls_to_zero(hashes, array)


def mixed(values: Hashes) -> Hashes:
    """Mix the bits of each value; equal values stay equal, others differ in about half their bits."""
    values = values ^ (values >> np.uint64(30))
    values *= _FIRST
    values ^= values >> np.uint64(27)
    values *= _SECOND
    values ^= values >> np.uint64(31)
    return values


def segment_sums(values: Hashes, lengths: npt.NDArray[np.int64]) -> Hashes:
    """Return the sum of each segment of `values`; an empty one sums to 0."""
    sums = np.zeros(len(values) + 1, np.uint64)
    np.cumsum(values, out=sums[1:])
    ends = np.cumsum(lengths)
    found: Hashes = sums[ends] - sums[ends - lengths]
    return found


def _list_hashes(array: pa.Array) -> Hashes:
    lengths = pc.fill_null(array.value_lengths(), 0).to_numpy(zero_copy_only=False).astype(np.int64)
    inner = array.flatten()
    values = (
        _list_hashes(inner) + _GOLDEN
        if pa.types.is_list(inner.type)
        else _bits(inner)
        if not pa.types.is_string(inner.type)
        else value_hashes(inner)
    )
    if inner.null_count:
        # A null among the values is not the zero that Arrow fills in for it.
        values = np.where(inner.is_null().to_numpy(zero_copy_only=False), ~_GOLDEN, values)
    return segment_sums(mixed(values + _places(lengths) * _GOLDEN), lengths)


def _text_hashes(texts: pa.Array) -> Hashes:
    """Return a hash a text; equal texts have equal hashes whichever way they are taken."""
    lengths = pc.binary_length(texts).to_numpy(zero_copy_only=False).astype(np.int64)
    long = lengths > _LONG_TEXT_BYTES
    hashes = np.zeros(len(texts), np.uint64)
    if long.any():
        found = b"".join(
            hashlib.blake2b(text.as_buffer(), digest_size=8).digest()
            for text in texts.filter(pa.array(long))
        )
        hashes[long] = np.frombuffer(found, np.uint64)
        texts, lengths = texts.filter(pa.array(~long)), lengths[~long]
    characters = np.frombuffer(text_bytes(texts), np.uint8).astype(np.uint64)
    sums = segment_sums(mixed(characters + _places(lengths) * _GOLDEN), lengths)
    hashes[~long] = mixed(sums + lengths.astype(np.uint64) + _GOLDEN)
    return hashes


def text_bytes(texts: pa.Array) -> bytes | memoryview:
    """Return the bytes of all texts, one behind the other; none of them is null."""
    _, offsets, characters = texts.buffers()
    if characters is None or not len(texts):
        return b""
    places = np.frombuffer(offsets, np.int32)
    first, last = places[texts.offset], places[texts.offset + len(texts)]
    return memoryview(characters)[int(first) : int(last)]


def _bits(array: pa.Array) -> Hashes:
    """Return the bits of numbers or booleans, nulls as 0."""
    if pa.types.is_boolean(array.type):
        array = array.cast(pa.int64())
    filled = pc.fill_null(array, 0) if array.null_count else array
    return np.ascontiguousarray(filled.to_numpy(zero_copy_only=False)).view(np.uint64)


def _places(lengths: npt.NDArray[np.int64]) -> Hashes:
    """Return the place of each value in its list, counted from 1."""
    total = int(lengths.sum())
    starts = np.repeat(np.cumsum(lengths) - lengths, lengths)
    return (np.arange(1, total + 1) - starts).astype(np.uint64)


def _nulls_to_zero(hashes: Hashes, array: pa.Array) -> Hashes:
    if not array.null_count:
        return hashes
    return np.where(array.is_null().to_numpy(zero_copy_only=False), np.uint64(0), hashes)
