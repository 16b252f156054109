"""Random documents, however written and cut, are read as json.loads reads them, and brackets as counted."""

import json
from collections.abc import Iterator
from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from labelhouse.coco.sections import RECORD_KEYS, Section
from labelhouse.readers.events import Reader
from labelhouse.readers.structural_index import BracketScanner

from tests.readers.test_reader_contract import assert_read, every_reader, expected_documents
from tests.support.sets import rounds

EXAMPLES = rounds("TEXTS", 30, 100, 2_000)
READ = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
SCAN = settings(READ, max_examples=2 * EXAMPLES)

# Strategies of JSON texts, not of values: one value has many spellings.
SPACES = st.text(" \t\r\n", max_size=3)
#: Integers of 64 bits and doubles; larger ones have cases in test_reader_contract.
NUMBERS = st.one_of(
    st.from_regex(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,2})?", fullmatch=True),
    st.integers(-(2**63) + 1, 2**63 - 1).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.sampled_from(["-0", "0.0", "-0.0", "1E5", "1e-7", "0e0", "5e-324", "1.7976931348623157e308"]),
)
#: Parts of strings that look like something else, or that a cut may fall into.
TRAPS = ["},{", "]", "[", "{", "}", ",", ":", "}]", "[{", "]}", '\\"', "\\\\", "\\/", "\\n", "\\u005b", "é"]
TRAPS += ["\\u0022", "\\u005c", "\\ud83d\\ude00", "\\uD834\\udd1E", "\\u0000", '\\"},{\\"', "\\\\\\\\", "𝄞"]
TRAPS += ['\\\\\\"', "//"]
CHARACTERS = st.characters(
    exclude_categories=["Cs"], exclude_characters='"\\' + "".join(map(chr, range(32)))
)
STRINGS = st.lists(st.one_of(st.sampled_from(TRAPS), CHARACTERS), max_size=8).map(
    lambda parts: '"' + "".join(parts) + '"'
)
SCALARS = st.one_of(NUMBERS, STRINGS, st.sampled_from(["null", "true", "false"]))


@st.composite
def arrays(draw: st.DrawFn, items: SearchStrategy[str], max_size: int = 4) -> str:
    """Write an array with white space anywhere."""
    return "[" + _joined(draw, draw(st.lists(items, max_size=max_size))) + "]"


@st.composite
def objects(draw: st.DrawFn, items: SearchStrategy[str], keys: SearchStrategy[str] = STRINGS) -> str:
    """Write an object with white space anywhere; keys may stand twice."""
    pairs = draw(st.lists(st.tuples(keys, SPACES, SPACES, items), max_size=4))
    members = [f"{key}{before}:{after}{value}" for key, before, after, value in pairs]
    return "{" + _joined(draw, members) + "}"


def _joined(draw: st.DrawFn, items: list[str]) -> str:
    return ",".join(draw(SPACES) + item + draw(SPACES) for item in items) or draw(SPACES)


VALUES = st.recursive(SCALARS, lambda inner: arrays(inner) | objects(inner), max_leaves=12)


def records(section: Section) -> SearchStrategy[str]:
    """Write records of a section: known keys with any values, and unknown ones, in any order."""
    known = st.sampled_from(RECORD_KEYS[section]).map(json.dumps)
    return objects(VALUES, st.one_of(known, known, STRINGS))


@st.composite
def documents(draw: st.DrawFn) -> str:
    """Write a document: some sections and some other keys, each once, in any order."""
    sections = draw(st.lists(st.sampled_from(Section), unique=True, min_size=1))
    members = {json.dumps(name): draw(arrays(records(name), max_size=6)) for name in sections}
    for key in draw(st.lists(STRINGS, max_size=3, unique_by=json.loads)):
        members.setdefault(key, draw(VALUES))
    order = draw(st.permutations(list(members)))
    written = [f"{key}{draw(SPACES)}:{draw(SPACES)}{members[key]}" for key in order]
    return "{" + _joined(draw, written) + "}"


@st.composite
def texts(draw: st.DrawFn) -> bytes:
    """Write a document or a list of them, with or without a byte order mark."""
    one = documents()
    text = draw(st.one_of(one, arrays(one, max_size=3).filter(lambda text: json.loads(text))))
    mark = draw(st.sampled_from(["", "", "\ufeff"]))
    return (mark + draw(SPACES) + text + draw(SPACES)).encode()


SIZES = st.tuples(
    st.one_of(st.integers(1, 300), st.just(1 << 20)), st.one_of(st.integers(1, 50), st.just(1 << 20))
)


@every_reader
@READ
@given(data=texts(), sizes=st.lists(SIZES, min_size=1, max_size=3))
def test_random_documents_are_read_as_json_loads_reads_them(
    read: Reader, data: bytes, sizes: list[tuple[int, int]]
) -> None:
    assert expected_documents(data) is not None
    assert_read(read, data, sizes)


def brackets_of(text: bytes) -> Iterator[tuple[int, int, bool]]:
    """Yield offset, depth after it and openness of each bracket outside strings, byte by byte."""
    depth = 0
    in_string = escaped = False
    for offset, byte in enumerate(text):
        character = chr(byte)
        if in_string:
            if escaped:
                escaped = False
            elif character == "\\":
                escaped = True
            elif character == '"':
                in_string = False
        elif character == '"':
            in_string = True
        elif character in "[{":
            depth += 1
            yield offset, depth, True
        elif character in "]}":
            depth -= 1
            yield offset, depth, False


@SCAN
@given(text=st.one_of(texts(), VALUES.map(str.encode)), data=st.data())
def test_brackets_are_found_however_the_text_is_cut(text: bytes, data: st.DataObject) -> None:
    cuts = data.draw(st.sets(st.integers(1, max(1, len(text) - 1)), max_size=12))
    edges = sorted({0, *cuts, len(text)})
    scanner = BracketScanner()
    scanned = []
    for start, end in pairwise(edges):
        brackets = scanner.scan(text[start:end])
        columns = (brackets.positions, brackets.depths, brackets.opens)
        rows = zip(*(column.tolist() for column in columns), strict=True)
        scanned += [(start + position, depth, opens) for position, depth, opens in rows]
    assert scanned == list(brackets_of(text))


@SCAN
@given(
    backslashes=st.integers(0, 9),
    before=st.integers(0, 70),
    after=st.integers(0, 70),
    cut=st.integers(0, 170),
)
def test_runs_of_backslashes_may_be_cut_anywhere(
    backslashes: int, before: int, after: int, cut: int
) -> None:
    escaped = "\\" * backslashes + ('"' if backslashes % 2 else "")
    text = f'["{"x" * before}{escaped}{"]" * after}",{{}}]'.encode()
    json.loads(text)
    scanner = BracketScanner()
    first, second = scanner.scan(text[:cut]), scanner.scan(text[cut:])
    positions = [*first.positions.tolist(), *(cut + second.positions).tolist()]
    assert positions == [position for position, _, _ in brackets_of(text)]


def test_an_empty_chunk_changes_nothing() -> None:
    text = b'["a\\\\\\"]", {}]'
    for cut in range(len(text) + 1):
        scanner = BracketScanner()
        scanner.scan(text[:cut])
        assert scanner.scan(b"").positions.tolist() == []
        rest = scanner.scan(text[cut:])
        expected = [position for position, _, _ in brackets_of(text) if position >= cut]
        assert (cut + rest.positions).tolist() == expected, cut
