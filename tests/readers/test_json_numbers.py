"""Texts of number lists become what json.loads makes of them, or are left to whoever looks at each."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from labelhouse.readers.json_numbers import lists_of

NUMBERS = st.one_of(
    st.integers(-(2**53) + 1, 2**53 - 1), st.floats(-1e15, 1e15), st.sampled_from([0, -0.0, 1e-300])
)
SPACES = st.sampled_from([(",", ":"), (", ", ": "), (" ,\n", ": ")])


def is_rings(value: object) -> bool:
    return isinstance(value, list) and all(
        isinstance(ring, list) and ring and all(type(number) in (int, float) for number in ring)
        for ring in value
    )


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    st.lists(
        st.one_of(
            st.none(),
            st.lists(st.lists(NUMBERS, min_size=1, max_size=4), max_size=3),
            st.lists(st.one_of(NUMBERS, st.lists(NUMBERS, max_size=3)), max_size=3),
        ),
        max_size=6,
    ),
    SPACES,
)
def test_rings_are_those_of_json_loads(values: list[Any], separators: tuple[str, str]) -> None:
    texts = [json.dumps(value, separators=separators).encode() for value in values]
    lists = lists_of(texts, depth=2)
    if lists is None:
        assert not all(value is None or is_rings(value) for value in values)
        return
    assert lists.array.to_pylist() == values
    assert lists.nulls.tolist() == [row for row, value in enumerate(values) if value is None]


@pytest.mark.parametrize(
    "texts",
    [
        ["[[], 5]"],
        ["[[1, 2], []]", "[[3]]"],
        ["[[], 5]", "[[1, 2]]"],
        ["[[1], 2]", "[[], []]"],
        ["[[1], [[2]]]"],
        ["[1, 2]", "[[3, 4]]"],
        ["[5]", "[[1], []]"],
        ["[[null]]"],
        ["[[true]]"],
        ['[["1"]]'],
        ["[[9007199254740993]]"],
    ],
)
def test_what_is_no_list_of_rings_is_left(texts: list[str]) -> None:
    assert lists_of([text.encode() for text in texts], depth=2) is None


def test_flat_lists_missing_keys_and_others_are_told_apart() -> None:
    lists = lists_of([b"[1, 2.5]", b"", b"null", b'"a"', b"[ ]", b"[-3e2]", b"{}"], depth=1)
    assert lists is not None
    assert lists.array.to_pylist() == [[1.0, 2.5], None, None, None, [], [-300.0], None]
    assert lists.nulls.tolist() == [2]
    assert lists.others.tolist() == [3, 6]


@pytest.mark.parametrize("space", ["", " ", " \n" * 40])
def test_long_lists_are_counted_across_words(space: str) -> None:
    values = [[[0.5 + number for number in range(count)]] * (count % 3) for count in range(1, 200)]
    values += [[[1e-7, 2.5e-20]], [[-1e-300], [3]]]
    texts = [json.dumps(value, separators=("," + space, ":")).encode() for value in values]
    lists = lists_of(texts, depth=2)
    assert lists is not None
    assert lists.array.to_pylist() == values
    flat = [value[0] for value in values if value]
    texts = [json.dumps(value, separators=(space + ",", ":")).encode() for value in flat]
    lists = lists_of(texts, depth=1)
    assert lists is not None
    assert lists.array.to_pylist() == flat
