"""Hashes of rows do not depend on how rows are cut into batches, and tell every difference."""

import hashlib
import json
import struct
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from labelhouse.hashing.fingerprint import Fingerprint, sums_of_runs
from labelhouse.hashing.row_hashes import row_hashes, segment_sums, value_hashes
from labelhouse.staging.known_documents import KnownDocuments, save_known

MASK = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15


def mixed(value: int) -> int:
    """splitmix64's finaliser, in Python's integers."""
    value &= MASK
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & MASK
    return value ^ (value >> 31)


def bits(number: float) -> int:
    [pattern] = struct.unpack("<Q", struct.pack("<d", number))
    return int(pattern)


def text_hash(text: str) -> int:
    data = text.encode()
    if len(data) > 64:
        return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "little")
    padded = data.ljust(max(1, -(-len(data) // 8)) * 8, b"\0")
    words = struct.unpack(f"<{len(padded) // 8}Q", padded)
    total = sum(mixed(word + place * GOLDEN) for place, word in enumerate(words, 1))
    return mixed(total + len(data) + GOLDEN)


def list_hash(values: list[float]) -> int:
    return sum(mixed(bits(v) + place * GOLDEN) for place, v in enumerate(values, 1)) & MASK


numbers = st.floats(allow_nan=False, width=64)
texts = st.text(alphabet=st.characters(codec="utf-8"), max_size=90)


@given(st.lists(st.none() | texts, max_size=12))
@settings(max_examples=150, deadline=None)
def test_texts_hash_as_the_formula_says(values: list[str | None]) -> None:
    hashed = value_hashes(pa.array(values, pa.string())).tolist()
    assert hashed == [0 if value is None else text_hash(value) for value in values]


@given(st.lists(st.none() | st.lists(numbers, max_size=9), max_size=9))
@settings(max_examples=150, deadline=None)
def test_lists_hash_as_the_formula_says(values: list[list[float] | None]) -> None:
    hashed = value_hashes(pa.array(values, pa.list_(pa.float64()))).tolist()
    assert hashed == [0 if value is None else list_hash(value) for value in values]


@given(st.lists(st.tuples(texts, numbers, st.lists(st.lists(numbers, max_size=4), max_size=3)), min_size=1))
@settings(max_examples=100, deadline=None)
def test_rows_hash_alike_in_any_batches(rows: list[tuple[str, float, list[list[float]]]]) -> None:
    def hashes(part: list[tuple[str, float, list[list[float]]]]) -> list[int]:
        columns = {
            "text": pa.array([row[0] for row in part], pa.string()),
            "number": pa.array([row[1] for row in part], pa.float64()),
            "rings": pa.array([row[2] for row in part], pa.list_(pa.list_(pa.float64()))),
        }
        plain: list[int] = row_hashes(columns, len(part)).tolist()
        assert plain == row_hashes(columns, len(part), {"text"}).tolist()
        return plain

    assert hashes(rows) == [row_hash for row in rows for row_hash in hashes([row])]
    together = Fingerprint()
    apart = Fingerprint()
    hash_array = np.array(hashes(rows), np.uint64)
    [sums] = sums_of_runs(hash_array, np.array([0])).listed()
    together.add("rows", sums)
    for sums in sums_of_runs(hash_array[::-1].copy(), np.arange(len(hash_array))).listed():
        apart.add("rows", sums)
    assert together.hexdigest(["a", None]) == apart.hexdigest(["a", None])
    assert together.hexdigest(["a", None]) != together.hexdigest(["a", "None"])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ([[1.0, 2.0]], [[2.0, 1.0]]),
        ([[1.0], [2.0]], [[1.0, 2.0]]),
        ([[1.0]], [[1.0], []]),
        ([[0.0]], [[]]),
        ([[1.0], [2.0]], [[2.0], [1.0]]),
    ],
)
def test_rings_that_differ_in_shape_or_order_hash_apart(
    one: list[list[float]], other: list[list[float]]
) -> None:
    kind = pa.list_(pa.list_(pa.float64()))
    first, second = value_hashes(pa.array([one, other], kind)).tolist()
    assert first != second


def test_a_null_in_a_list_is_no_zero() -> None:
    first, second = value_hashes(pa.array([[None, 1.0], [0.0, 1.0]], pa.list_(pa.float64()))).tolist()
    assert first != second


def test_segments_sum_modulo_two_to_the_64() -> None:
    values = np.array([MASK, 2, 7], np.uint64)
    assert segment_sums(values, np.array([2, 0, 1])).tolist() == [1, 0, 7]


@given(st.lists(st.tuples(texts, texts), unique=True, max_size=30), st.tuples(texts, texts))
@settings(max_examples=60, deadline=None)
def test_known_documents_are_told_by_id_and_fingerprint(
    tmp_path_factory: pytest.TempPathFactory, documents: list[tuple[str, str]], other: tuple[str, str]
) -> None:
    path = tmp_path_factory.mktemp("known") / "known.npy"
    joined = {fingerprint + identity for identity, fingerprint in documents}
    assert save_known(path, iter(documents)) == len(documents)
    known = KnownDocuments(str(path))
    assert all(known.holds(*document) for document in documents)
    assert known.holds(*other) == (other[1] + other[0] in joined)
    assert not KnownDocuments(None).holds(*other)


def test_whether_a_document_is_known_can_be_told_to_another_process(tmp_path: Path) -> None:
    save_known(tmp_path / "known.npy", [("a", "1")])
    known = KnownDocuments(str(tmp_path / "known.npy"))
    assert json.dumps([known.holds("a", "1"), known.holds("a", "2")]) == "[true, false]"
