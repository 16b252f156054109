"""Hash rows of Arrow columns to 64 bits each, independent of the batches that they come in.

A row's hash is the sum over its columns, and the hash of a set of rows is the sum over its rows. So hashes
of separate parts (blocks, processes) join by addition, modulo 2^64. Each value is mixed before it is
summed, as in splitmix64 (Steele, Lea, Flood 2014), together with its place in its list or text. The
warehouse stores the hashes: any change here makes every document look changed once.
"""

import hashlib
from collections.abc import Mapping, Set
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Hashes: TypeAlias = npt.NDArray[np.uint64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_TEXT_WORDS = 8
"""Texts of more words of eight bytes than this are hashed one by one, shorter ones all at once."""


def row_hashes(columns: Mapping[str, pa.Array], rows: int, repeating: Set[str] = frozenset()) -> Hashes:
    """Return a hash of each row over the named columns; nulls and empty lists add nothing.

    In columns that are `repeating` each distinct value is hashed once.
    """
    total = np.zeros(rows, np.uint64)
    for name, column in columns.items():
        if column.null_count < rows:
            hashes = _repeating_hashes(column) if name in repeating else value_hashes(column)
            total += named(name, hashes)
    return total


def _repeating_hashes(column: pa.Array) -> Hashes:
    encoded = column.dictionary_encode()
    known = np.append(value_hashes(encoded.dictionary), np.uint64(0))
    places = pc.fill_null(encoded.indices, len(known) - 1) if column.null_count else encoded.indices
    hashes: Hashes = known[places.to_numpy(zero_copy_only=False)]
    return hashes


def named(name: str, hashes: Hashes) -> Hashes:
    """Mix the name of a column into the hashes of its values; 0, which stands for nothing, stays 0."""
    return np.where(hashes == 0, hashes, mixed(hashes ^ salt_of(name)))


def salt_of(name: str) -> np.uint64:
    """Return what the name of a column mixes into hashes."""
    return np.uint64(int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little"))


def value_hashes(array: pa.Array) -> Hashes:
    """Return a hash of each value; 0 for null and for an empty list."""
    kind = array.type
    if pa.types.is_list(kind):
        return _list_hashes(array)
    if pa.types.is_string(kind):
        hashes = _text_hashes(pc.fill_null(array, "") if array.null_count else array)
    else:
        hashes = mixed(_bits(array) + _GOLDEN)
    return _nulls_to_zero(hashes, array)


def mixed(values: Hashes, out: Hashes | None = None) -> Hashes:
    """Mix the bits of each value; equal values stay equal, others differ in about half their bits.

    `out` may be `values` itself: memory that is in use is several times as fast as new pages.
    """
    shifted = values >> np.uint64(30)
    bits: Hashes = np.bitwise_xor(values, shifted, out=out)
    bits *= _FIRST
    bits ^= np.right_shift(bits, np.uint64(27), out=shifted)
    bits *= _SECOND
    bits ^= np.right_shift(bits, np.uint64(31), out=shifted)
    return bits


def segment_sums(values: Hashes, lengths: npt.NDArray[np.int64]) -> Hashes:
    """Return the sum of each of the segments that make up `values`; an empty one sums to 0."""
    sums = np.zeros(len(lengths), np.uint64)
    filled = lengths > 0
    if filled.any():
        sums[filled] = np.add.reduceat(values, (np.cumsum(lengths) - lengths)[filled])
    return sums


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
        # A null among the values must not count as the zero that Arrow fills in for it.
        values = np.where(inner.is_null().to_numpy(zero_copy_only=False), ~_GOLDEN, values)
    placed = _places(lengths)
    placed += values
    return segment_sums(mixed(placed, out=placed), lengths)


def _text_hashes(texts: pa.Array) -> Hashes:
    """Return a hash of each text; equal texts have equal hashes, however they are grouped.

    A text of up to _TEXT_WORDS words is hashed in words of eight bytes, the last one filled up with zeros.
    Texts with the same number of words are hashed together.
    """
    lengths = pc.binary_length(texts).to_numpy(zero_copy_only=False).astype(np.int64)
    words = np.minimum(np.maximum(lengths + 7, 8) // 8, _TEXT_WORDS + 1)
    hashes = np.zeros(len(texts), np.uint64)
    for count in np.flatnonzero(np.bincount(words)).tolist():
        same = words == count
        chosen = texts if same.all() else texts.filter(pa.array(same))
        hashes[same] = _hashes_of_words(chosen, lengths[same], count)
    return hashes


def _hashes_of_words(texts: pa.Array, lengths: npt.NDArray[np.int64], words: int) -> Hashes:
    """Hash texts that all have `words` words; `lengths` are their lengths in bytes."""
    if words > _TEXT_WORDS:
        digests = (hashlib.blake2b(text.as_buffer(), digest_size=8).digest() for text in texts)
        return np.frombuffer(b"".join(digests), np.uint64)
    characters = np.zeros((len(texts), words * 8), np.uint8)
    joined = np.frombuffer(text_bytes(texts), np.uint8)
    length = int(lengths[0])
    if (lengths == length).all():
        characters[:, :length] = joined.reshape(len(texts), length)
    else:
        characters[np.arange(words * 8) < lengths[:, np.newaxis]] = joined
    places = np.arange(1, words + 1, dtype=np.uint64) * _GOLDEN
    sums: Hashes = mixed(characters.view(np.uint64) + places).sum(axis=1, dtype=np.uint64)
    return mixed(sums + lengths.astype(np.uint64) + _GOLDEN)


def text_bytes(texts: pa.Array) -> bytes | memoryview:
    """Return the bytes of all texts, one after the other; none of them is null."""
    _, offsets, characters = texts.buffers()
    if characters is None or not len(texts):
        return b""
    places = np.frombuffer(offsets, np.int32)
    first, last = places[texts.offset], places[texts.offset + len(texts)]
    return memoryview(characters)[int(first) : int(last)]


def _bits(array: pa.Array) -> Hashes:
    """Return the bits of numbers or booleans, nulls as 0."""
    if pa.types.is_boolean(array.type) or pa.types.is_timestamp(array.type):
        array = array.cast(pa.int64())
    filled = pc.fill_null(array, 0) if array.null_count else array
    return np.ascontiguousarray(filled.to_numpy(zero_copy_only=False)).view(np.uint64)


def _places(lengths: npt.NDArray[np.int64]) -> Hashes:
    """Return a number for the place of each value in its list, counted from 1."""
    places = np.arange(1, int(lengths.sum()) + 1, dtype=np.uint64)
    places *= _GOLDEN
    starts = (np.cumsum(lengths) - lengths).astype(np.uint64)
    places -= np.repeat(starts * _GOLDEN, lengths)
    return places


def _nulls_to_zero(hashes: Hashes, array: pa.Array) -> Hashes:
    if not array.null_count:
        return hashes
    return np.where(array.is_null().to_numpy(zero_copy_only=False), np.uint64(0), hashes)
