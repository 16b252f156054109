"""Rows in a terminal: what fits, whole words, numbers for people; everything elsewhere."""

import string
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from labelhouse.cli.layout import fitting_lines, folded, whole_lines
from labelhouse.cli.people import texts_for_people
from rich.cells import cell_len

ID = "3f0a1c52-7d4b-4d1e-9a77-0c2f6f1d0a0"


@pytest.mark.parametrize(
    ("name", "values", "texts"),
    [
        ("labels", [1234567, None, 0], ["1,234,567", "NULL", "0"]),
        ("document_key", [4294967296], ["4294967296"]),
        ("year", [2026], ["2026"]),
        ("label_share", [0.0828137, 1.0], ["8.3%", "100.0%"]),
        ("share", [12.5], ["12.5"]),
        ("bytes", [999, 22_600_000], ["999 B", "22.6 MB"]),
        ("area", [1.0, 1234.5], ["1.0", "1,234.5"]),
        ("iou", [0.123456, None], ["0.1235", "NULL"]),
        ("tiny", [1e-9, 0.0], ["1e-09", "0"]),
        ("price", [Decimal("1.25")], ["1.25"]),
        ("at", [datetime(2026, 1, 31, 2, 0, 5, 123, UTC)], ["2026-01-31 02:00:05"]),
        ("day", [datetime(2026, 1, 31, tzinfo=UTC)], ["2026-01-31"]),
        ("is_new", [True, False, None], ["true", "false", "NULL"]),
        ("list", [[1, "a"]], ['[1, "a"]']),
        ("text", ["a\x1b[31m\nb"], ["a\\x1b[31m\\nb"]),
    ],
)
def test_values_are_for_people(name: str, values: list[object], texts: list[str]) -> None:
    assert texts_for_people(name, values) == texts


def test_what_fits_is_whole() -> None:
    assert list(fitting_lines(["name", "labels"], [["Car", 1000], ["船", 2]], 20)) == [
        "name  labels",
        "Car    1,000",
        "船         2",
    ]
    assert list(fitting_lines(["name", "labels"], [], 20)) == ["name  labels"]


def test_columns_that_do_not_fit_are_named() -> None:
    names = ["content_hash", "document_id", "label_id", "remark", "empty"]
    rows = [[n, ID + str(n), f"label{n}", "seen twice" * 2, None] for n in range(4)]
    lines = list(fitting_lines(names, rows, 38))
    assert lines[0].split() == ["document_id", "label_id", "remark"]
    # Shortened ids still differ.
    assert len({line.split()[0] for line in lines[1:5]}) == 4
    assert "NULL in all rows: empty" in lines
    assert " ".join(line.strip() for line in lines[6:]) == (
        "left out: content_hash; --columns A,B or --wide or --format csv shows them"
    )


def test_one_wide_row_becomes_a_line_per_value() -> None:
    assert list(fitting_lines(["name", "text", "none"], [["Car", "one two three four", None]], 16)) == [
        "row 1 of 1",
        "name  Car",
        "text  one two",
        "      three four",
        "NULL in all",
        "  rows: none",
    ]


def test_sentences_are_broken_at_spaces_in_their_column() -> None:
    text = "the first of many words that say what a column of the table means"
    lines = list(fitting_lines(["column", "meaning"], [[f"c{n}", text] for n in range(4)], 46))
    assert lines[:4] == [
        "column  meaning",
        "c0      the first of many words that say what",
        "        a column of the table means",
        "c1      the first of many words that say what",
    ]


def test_a_pipe_gets_everything() -> None:
    rows = [[n, "x" * 500, 0.1 + 0.2] for n in range(3)]
    lines = list(whole_lines(["id", "text", "sum"], [rows[:2], rows[2:]]))
    assert [line.split() for line in lines[1:]] == [
        [str(n), "x" * 500, "0.30000000000000004"] for n in range(3)
    ]
    assert list(whole_lines(["id"], [])) == ["id"]


CELLS = st.one_of(
    st.none(),
    st.integers(-(10**18), 10**18),
    st.floats(allow_nan=True),
    st.booleans(),
    st.text(max_size=60),
    st.lists(st.integers(), max_size=9),
)


@given(st.data())
def test_no_line_is_longer_than_the_terminal_and_no_word_is_broken(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 8))
    width = data.draw(st.integers(20, 120))
    name = st.text(string.ascii_lowercase + "_", min_size=1, max_size=24)
    names = data.draw(st.lists(name, min_size=count, max_size=count))
    rows = data.draw(st.lists(st.lists(CELLS, min_size=count, max_size=count), max_size=6))
    lines = list(fitting_lines(names, rows, width))
    head = 1 if lines[0].startswith("row 1") else 0
    assert lines[head].strip()
    for line in lines:
        # Only a word of our own notes, or of a name in them, may be longer than a very narrow terminal.
        assert cell_len(line) <= width or max(map(cell_len, line.split())) > width - 4
    assert list(whole_lines(names, [rows]))


@given(st.text(string.ascii_letters + "  ", max_size=200), st.integers(5, 60))
def test_folding_keeps_every_word(text: str, width: int) -> None:
    lines = folded(text, width)
    assert " ".join(lines).split() == text.split()
