"""What every reader owes: its events are the text, however that is cut; what is no JSON is refused."""

import itertools
import json
import traceback
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO, cast

import pyarrow as pa
import pytest
from labelhouse.coco.sections import RECORD_KEYS, Section
from labelhouse.coco.values import MISSING
from labelhouse.errors import InputError
from labelhouse.ingestion.stage_source import READERS
from labelhouse.manifest import NATIVE
from labelhouse.readers.events import (
    AnswerColumns,
    AttributeColumns,
    Block,
    BlockColumn,
    DocumentBlock,
    DocumentEnd,
    DocumentStart,
    Event,
    Reader,
    Rings,
)

from tests.reference.independent import canonical
from tests.support.corpus import FOLDER, corpus_file, each_file
from tests.support.sets import choose, crossed, some

BLOCK_BYTES = (64, 1000, 65_536, 1 << 20)
PIECE_BYTES = (1, 7, 4096, 1 << 20)
ALL_SIZES = tuple(itertools.product(BLOCK_BYTES, PIECE_BYTES))
#: Sizes for files up to so many bytes; the last for all others.
SIZES = {
    choose(5_000, 10_000, 50_000): ALL_SIZES,
    choose(100_000, 100_000, 300_000): (
        *itertools.product(BLOCK_BYTES, choose((1 << 20,), (1 << 20,), (4096, 1 << 20))),
        *((64, 7), (1000, 1), (65_536, 4096)),
    ),
}
LARGE_SIZES = ((65_536, 4096), (1 << 20, 1 << 20))
MAX_DEPTH = 256
SECRET = "LEAKCANARY7f3a"
KNOWN = {
    "bad/json_syntax/mismatched_surrogate.json": "its record is refused: no UTF-8 can say it",
    "bad/json_syntax/nan_area.json": "its record is refused: NaN is no number",
}

# The native reader gives columns of the tables; test_readers_agree compares them.
READS = {name: read for name, read in READERS.items() if name != NATIVE}
every_reader = pytest.mark.parametrize("read", READS.values(), ids=READS.keys())


class Pieces:
    """A binary stream whose read returns at most `size` bytes, and that cannot seek."""

    def __init__(self, data: bytes, size: int) -> None:
        self._rest = memoryview(data)
        self._size = size

    def read(self, size: int | None = -1) -> bytes:
        wanted = self._size if size is None or size < 0 else min(size, self._size)
        piece, self._rest = self._rest[:wanted], self._rest[wanted:]
        return bytes(piece)

    def readable(self) -> bool:
        return True


def events_of(
    read: Reader, data: bytes, block_bytes: int = 1 << 20, piece_bytes: int = 1 << 20
) -> Iterator[Event]:
    stream = cast("BinaryIO", Pieces(data, piece_bytes))
    return expanded(read(stream, block_bytes=block_bytes))


def expanded(events: Iterable[Event]) -> Iterator[Event]:
    """Yield the events that blocks of documents stand for, and all others."""
    for event in events:
        yield from event.events if isinstance(event, DocumentBlock) else (event,)


def documents_in(events: Iterable[Event]) -> tuple[bool, list[dict[str, Any]]]:
    """Put the documents together again, and check what the contract says of their events."""
    in_list = False
    documents: list[dict[str, Any]] = []
    started = 0
    open_documents: dict[int, dict[Section, list[Any]]] = {}
    for event in events:
        match event:
            case DocumentStart():
                assert event.position == started
                assert not started or in_list == event.in_list
                in_list = event.in_list
                open_documents[event.position] = {}
                started += 1
            case Block():
                assert event.section is not Section.CATEGORIES or len(event.runs) <= 1
                for document, position, record in records_of(event):
                    for place in (document, *event.also):
                        records = open_documents[place].setdefault(event.section, [])
                        assert position == len(records)
                        records.append(record)
            case DocumentEnd():
                assert event.position == len(documents)
                sections = open_documents.pop(event.position)
                assert set(sections) <= event.sections
                # A section is among the other keys if it is null, and then it is no section.
                nulls = set(event.values) & set(Section)
                assert all(event.values[section] is None for section in nulls)
                assert not nulls & event.sections
                records_by_section = {
                    section.value: sections.get(section, []) for section in event.sections
                }
                documents.append({**event.values, **records_by_section})
    assert not open_documents
    assert started == len(documents)
    return in_list, documents


def records_of(block: Block) -> list[tuple[int, int, Any]]:
    """Return document, position and value of a block's records, the refused ones among them, in order."""
    assert tuple(block.columns) == RECORD_KEYS[block.section]
    count = len(block.positions)
    assert len(block.extra) == count
    columns = {key: values_of(column) for key, column in block.columns.items()}
    assert {len(column) for column in columns.values()} == {count}
    placed: list[tuple[int, int, Any]] = []
    of_documents = [run.document for run in block.runs for _ in range(run.records)]
    assert len(of_documents) == count
    for row, position in enumerate(block.positions):
        extra = block.extra[row]
        assert extra is None or extra
        assert not set(extra or {}) & set(columns)
        original = parsed(block.raw[row])
        # An Arrow array does not tell null from missing.
        known = {
            key: column[row]
            for key, column in columns.items()
            if column[row] is not MISSING
            and (column[row] is not None or key in original or isinstance(block.columns[key], list))
        }
        record = {**known, **(extra or {})}
        for key, column in block.columns.items():
            if not isinstance(column, list | AttributeColumns) and key in original:
                # So does it hold integers as doubles, which are the same numbers.
                assert record.pop(key) == original[key]
                record[key] = original[key]
        if isinstance(block.columns.get("attributes"), AttributeColumns):
            angle = (original.get("attributes") or {}).get("rotation")
            if angle is not None:
                assert record["attributes"]["rotation"] == angle
                record["attributes"]["rotation"] = angle
        assert canonical(record) == canonical(original)
        placed.append((of_documents[row], position, record))
    assert all(SECRET not in refused.message for refused in block.refused)
    placed += [(refused.document, refused.position, parsed(refused.raw)) for refused in block.refused]
    return sorted(placed, key=lambda item: item[:2])


def values_of(column: BlockColumn) -> list[Any]:
    """Return a column as values, MISSING for those that are known to be."""
    if isinstance(column, Rings):
        return [column.others.get(row, rings) for row, rings in enumerate(column.array.to_pylist())]
    if isinstance(column, AttributeColumns):
        keys = [*column.own, "classifications"]
        rows = zip(*column.own.values(), column.classifications, strict=True)
        objects = [{k: v for k, v in zip(keys, row, strict=True) if v is not MISSING} for row in rows]
        return [
            value if present is True else present
            for value, present in zip(objects, column.present, strict=True)
        ]
    assert not isinstance(column, AnswerColumns)
    return column.to_pylist() if isinstance(column, pa.Array) else column


def parsed(data: bytes) -> Any:
    """Parse JSON strictly; raises ValueError or RecursionError for what a reader must refuse."""
    return json.loads(data.decode("utf-8-sig"), parse_constant=_refuse_constant, parse_int=_any_integer)


def _refuse_constant(text: str) -> None:
    raise ValueError(f"{text} is not JSON")


def _any_integer(text: str) -> int | str:
    # Python converts no more than 4,300 digits; only such a text's equality counts here.
    return int(text) if len(text) <= 4000 else f"an integer: {text}"


def depth_of(data: bytes) -> int:
    """Return how deep a valid JSON text is nested."""
    depth = deepest = 0
    in_string = escaped = False
    for byte in data:
        if in_string:
            in_string = escaped or byte != ord('"')
            escaped = byte == ord("\\") and not escaped
        elif byte == ord('"'):
            in_string = True
        elif byte in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"]}":
            depth -= 1
    return deepest


def expected_documents(data: bytes) -> list[dict[str, Any]] | None:
    """Return the documents of a text; None if it is not JSON, nested too deep, or not made of datasets."""
    try:
        value = parsed(data)
    except (ValueError, RecursionError):
        return None
    documents = value if isinstance(value, list) else [value]
    if depth_of(data) > MAX_DEPTH or not all(isinstance(item, dict) for item in documents):
        return None
    sections = [item[section] for item in documents for section in Section if section in item]
    # A section that is null is an empty one.
    return documents if all(isinstance(records, list | None) for records in sections) else None


def assert_read(
    read: Reader, data: bytes, sizes: Iterable[tuple[int, int]] = ((64, 7), (1 << 20, 1 << 20))
) -> None:
    """Check that the events are the text, or that it is refused if it must be, for each size."""
    expected = expected_documents(data)
    if expected is None:
        assert_refused(read, data, sizes)
        return
    want = canonical(expected)
    is_list = data.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"[")
    for block_bytes, piece_bytes in sizes:
        in_list, documents = documents_in(events_of(read, data, block_bytes, piece_bytes))
        assert canonical(documents) == want, (block_bytes, piece_bytes)
        assert in_list == is_list


def assert_refused(
    read: Reader, data: bytes, sizes: Iterable[tuple[int, int]] = ((64, 7), (1 << 20, 1 << 20))
) -> None:
    """Check that reading raises InputError, and nothing else, and that it quotes nothing."""
    for block_bytes, piece_bytes in sizes:
        with pytest.raises(InputError) as raised:
            list(events_of(read, data, block_bytes, piece_bytes))
        error = raised.value
        shown = "".join(traceback.format_exception(error)) + repr(error) + repr(error.__dict__)
        assert SECRET not in shown, (block_bytes, piece_bytes)


def has_no_dataset(documents: list[dict[str, Any]]) -> bool:
    return not any(section in item for item in documents for section in Section)


# --- files


@every_reader
@each_file("encord", "real", "bad")
def test_the_events_of_a_file_are_the_file(name: str, read: Reader) -> None:
    if name in KNOWN:
        pytest.skip(KNOWN[name])
    data = (FOLDER / name).read_bytes()
    sizes = next((block_sizes for limit, block_sizes in SIZES.items() if len(data) <= limit), LARGE_SIZES)
    documents = expected_documents(data)
    if documents and has_no_dataset(documents):
        # Not a dataset: a reader may refuse it at once, or leave that to who looks at the documents.
        try:
            list(events_of(read, data))
        except InputError:
            assert_refused(read, data, sizes)
            return
    assert_read(read, data, sizes)


@every_reader
def test_any_order_of_top_level_keys(read: Reader) -> None:
    [document] = parsed(b"[" + corpus_file("encord/encord_sdk_export.json").read_bytes() + b"]")
    assert len(document) == 4
    for keys in itertools.permutations(document):
        data = json.dumps({key: document[key] for key in keys}).encode()
        assert_read(read, data, [(1000, 4096), (1 << 20, 1 << 20)])


# --- made-up texts

DOCUMENT = {
    "info": {"description": SECRET, "year": None},
    "images": [{"id": 1, "file_name": f"{SECRET}.jpg", "width": 4, "height": 3}],
    "categories": [{"id": 1, "name": "},{", "supercategory": "]"}, {"id": 2, SECRET: "\\"}],
    "annotations": [
        {"id": 1, "image_id": 1, "bbox": [0.5, 1, 2, 3.0], "attributes": {"é": "𝄞"}},
        {"id": 2, "image_id": 1, "segmentation": [[1, 2, 3, 4, 5, 6]], SECRET: [{"a": []}]},
    ],
    "licenses": [{"id": 1, "url": '"}]'}],
}
TEXT = json.dumps(DOCUMENT, ensure_ascii=False)
TEXTS = {
    "object": TEXT,
    "list": f"[{TEXT}, {TEXT}]",
    "pretty": json.dumps(DOCUMENT, indent=2),
}


@every_reader
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_a_small_document_in_every_size(text: str, read: Reader) -> None:
    assert_read(read, text.encode(), ALL_SIZES)
    assert_read(read, b"\xef\xbb\xbf" + text.encode(), ALL_SIZES)


@every_reader
@pytest.mark.parametrize("text", some(TEXTS.values()), ids=TEXTS.keys())
def test_a_text_cut_off_anywhere_is_refused(text: str, read: Reader) -> None:
    data = text.encode()
    for end in range(len(data)):
        assert_refused(read, data[:end], [(64, 1 << 20), (1 << 20, 1 << 20)])


AFTER = ["x", "{}", "[]", ",", "]", "}", '"', "1", "null", "\0", "\0\0", f'"{SECRET}"', TEXT, "//", "\v"]


@every_reader
@pytest.mark.parametrize("after", AFTER)
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_data_after_the_document_is_refused(text: str, after: str, read: Reader) -> None:
    for space in ("", "\n", " " * 100):
        assert_refused(read, (text + space + after).encode())


FIRST, SECOND = '{"id": 1, "name": "LEAKCANARY7f3a"}', '{"id": 2, "x": [{}]}'
BETWEEN = ["", " ", ",,", ", ,", ";", ":", "],[", "}, {", "null", ",null null,", ",/**/", '"', ",]", "\\,"]
AROUND = ["[,{},{}]", "[{},{},]", "[{},{}}", "[{},{}", "{},{}]", "({},{})", "[[{},{}]"]


@every_reader
@pytest.mark.parametrize("section", Section)
@pytest.mark.parametrize(
    "records",
    [
        *(f"[{FIRST}{between}{SECOND}]" for between in BETWEEN),
        *(around.replace("{}", FIRST, 1).replace("{}", SECOND, 1) for around in AROUND),
    ],
)
def test_wrong_punctuation_between_records_is_refused(records: str, section: Section, read: Reader) -> None:
    data = f'{{"info": {{}}, "{section}": {records}, "z": 1}}'.encode()
    assert expected_documents(data) is None
    assert_refused(read, data)


@every_reader
@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n",
        '{"images": []{}',
        '{"images": [] "annotations": []}',
        '{"images": [],, "annotations": []}',
        '{"images": [],}',
        '{,"images": []}',
        '{"images" []}',
        '{"images":: []}',
        '{"images": }',
        '{images: []}',
        "{'images': []}",
        '{"images": [], 1: 2}',
        '[{"images": []} {"images": []}]',
        '[{"images": []},, {"images": []}]',
        '[{"images": []},]',
        '[,{"images": []}]',
        '{"images": []}{"images": []}',
        '{"images": []}\n{"images": []}\n',
        '{"images": []]',
        '[{"images": []}}',
        '{"images": [}]',
        '{"images": {}}',
        '{"images": "x"}',
        '[[{"images": []}]]',
        '[{"images": []}, 1]',
        "1",
        '"x"',
        "null",
    ],
)  # fmt: skip
def test_a_text_that_is_no_export_is_refused(text: str, read: Reader) -> None:
    assert expected_documents(text.encode()) is None
    assert_refused(read, text.encode())


@every_reader
@pytest.mark.parametrize(
    "text",
    [
        '{"images": null}',
        '{"annotations": null, "images": [{"id": 1}], "categories": null}',
        '[{"images": null}, {"categories": null, "images": []}]',
    ],
)
def test_a_section_that_is_null_is_read(text: str, read: Reader) -> None:
    assert expected_documents(text.encode()) is not None
    assert_read(read, text.encode())


# Values in the manner of github.com/nst/JSONTestSuite, split at white space.
VALID = r"""
[] {} {"":0} {"a":{}} "" "a" 0 -0 -0.0 0.0 1 -1 1.0 1.5 1e2 1E2 1e+2 1E-2 1.0e+2 -1.5E-10 0e1 0e+1 20e1
123.456e78 123e65 5e-324 1e-400 2.2250738585072014e-308 1.7976931348623157e308 0.1 100000000000000000000
9223372036854775807 9223372036854775808 -9223372036854775808 -9223372036854775809 18446744073709551616
9007199254740993 123456789012345678901234567890 0.30000000000000004 3.0000000000000000000000001
-0.000000000000000000000000000000000000000000000000000000000000000000000000000001
true false null [true,false,null] [null,1,"1",{}] [1,null,null,null,2] [[[[[[[[[[1]]]]]]]]]]
{"a":"b","a":"c"} {"a":1,"a":1} {"\u0061":1,"b":2} {"foo\u0000bar":42} {"min":-1.0e+28,"max":1.0e+28}
"\u0060\u012a\u12AB" "\uD801\udc37" "\ud83d\ude39\ud83d\udc8d" "\"\\\/\b\f\n\r\t" "\\u0000" "\"" "\\" "\\\\"
"\\\"" "\\\\\"" "a/*b*/c/*d//e" "\\a" "\\n" "\u0012" "\uFFFF" "\uDBFF\uDFFF" "\u0000" "\u2028\u2029"
"},{" "]" "}]" "[{" "\"},{\"" "{\"id\":1}," "€𝄞" "aクリス" "π" "\u0022" "\u005C" "\u005c\u0022" "\u0821"
"\uFDD0" "new\u00A0line" "http:\/\/a\/b"
"""
INVALID = r"""
[,1] [1,,2] ["x",,] ["x"]] ["",] [x [3[4]] [1:2] [,] [-] [1,] [1,,] [*] [1, [fals] [nul] [tru] [++1] [+1]
[-01] [-1.0.] [-2.] [-NaN] [.-1] [.2e-3] [0.1.2] [0.3e+] [0.3e] [0.e1] [0E+] [0E] [0e+] [0e] [1.0e+] [1.0e-]
[1eE2] [2.e+3] [2.e-3] [2.e3] [9.e+] [Inf] [NaN] [1+2] [0x1] [0x42] [Infinity] [0e+-1] [-123.123foo] [1.0e]
[-foo] [-012] [-.123] [-1x] [1ea] [1.] [.123] [1.2a-3] [1.8011670033376514H-308] [012] [truth] [undefined]
NaN Infinity -Infinity -NaN nan 01 -01 00 1. .1 1.e1 1e 1e+ - + -- 0x1 1_000 1x ' '' 'a' a tru nul fals
{[:"x"} {"x",null} {"x"::"b"} {🇨🇭} {"a":"a"123} {key:'value'} {"a"b} {:"b"} {"a""b"} {1:1} {9999E9999:1}
{"id":0,,,,,} {'a':0} {"id":0,} {"a":"b"}/**/ {"a":"b"}// {"a":"b",,"c":"d"} {a:"b"} {"foo":"bar","a"}
{"a":"b"}#{} {"a":/**/"b"} {"a":true}"x" {]} {,} {[} [} [{]} [][] {}} ] } {{}} [1]x [1]] <.> [<null>] * é
"\uD800\u" "\uD800\u1" "\uD800\u1x" "\🌀" "\u00A" "\uD834\uDd" "\uD800\uD800\x" "\a" "\uqqqq" "\x00"
"\u+123" "\u-123" "\u0x12" "\0" "\8" [\u0020"asd"] [\n] "\" " "a"b" "a""b" ["a" ["a [{ [, "\'" [True] {}{}
{null:null} {"a":"b"}# [-Infinity] [+Inf] []] "\U1234" TRUE
"""
#: Those with white space or control characters in them.
VALID_TEXTS = [
    "[[]   ]",
    "[ \t\r\n1 \n,\r2\t]",
    '{ "a" : 1 , "b" : [ ] }',
    '"\x7f"',
    '"\x85\xa0\u2028\ufeff"',
]
INVALID_TEXTS = [
    "[1 true]", "[- 1]", "[1 000.0]", "[\f]", "[\v]", "[\u2060]", "[\ufeff]", "\ufeff1", "[1\f]", "[\x85]",
    '["new\nline"]', '["\t"]', '"\x1f"', '"\x01"', '"\r"', "\x00", "[\x00]", "123\x00", '{"a\x01":1}',
    "1 .5", "1. 5", "1e 5", "tr ue", "[\xa0]", '{"a"\n"b"}', "// x\n1", "1 // x\n", "/* x */ 1", "# x\n1",
    '["a\x00a"]', "- 1", "1 2", '"\\u 123"', '"\\\t"', "[\uff11]", "\u0661",
]  # fmt: skip
INVALID_BYTES = [
    b'"\xff"', b'"\xe5"', b"[\xff]", b'"\xc0\xaf"', b'"\xc3"', b'"\xe2\x82"', b'"\xed\xa0\x80"', b"1\xe5",
    b'"\xf8\x88\x80\x80\x80"', b'"\x80"', b'"\xf4\x90\x80\x80"', b'{"\xe9":1}', b'"\xf0\x9d"', b'"\xfe"',
]  # fmt: skip
VALID_VALUES = [text.encode() for text in [*VALID.split(), *VALID_TEXTS]]
INVALID_VALUES = [*(text.encode() for text in [*INVALID.split(), *INVALID_TEXTS]), *INVALID_BYTES]
PLACES = {
    "unknown key": b'{"annotations": [{"id": 1}, {"id": 2, "x": %s, "y": 0}, {"id": 3}], "info": {}}',
    "known key": b'{"info": {}, "annotations": [{"id": 1}, {"segmentation": %s, "id": 2}, {"id": 3}]}',
    "attributes": b'{"annotations": [{"id": 2, "attributes": {"LEAKCANARY7f3a": %s}}], "info": {}}',
    "only value": b'{"categories":[{"name":%s}]}',
    "top level": b'{"images": [{"id": 1}], "x": %s, "annotations": [{"id": 1}]}',
    "info": b'{"info": {"description": "LEAKCANARY7f3a", "x": [%s]}, "images": [{"id": 1}]}',
    "second document": b'[{"images": []}, {"images": [{"id": 1, "x": %s}]}, {"images": []}]',
}


every_place = pytest.mark.parametrize("place", PLACES.values(), ids=PLACES.keys())


def each_value_at_each_place(values: list[bytes]) -> pytest.MarkDecorator:
    """Give all values at all places."""
    of_name = {ascii(value)[2:-1]: value for value in values}
    return pytest.mark.parametrize(("value", "place"), crossed(of_name, PLACES))


@every_reader
@each_value_at_each_place(VALID_VALUES)
def test_valid_values_are_read(value: bytes, place: bytes, read: Reader) -> None:
    assert expected_documents(place % value) is not None
    assert_read(read, place % value)


@every_reader
@each_value_at_each_place(INVALID_VALUES)
def test_invalid_values_are_refused(value: bytes, place: bytes, read: Reader) -> None:
    assert expected_documents(place % value) is None
    if value.strip(b"[]") in NO_NUMBERS and place not in OUTSIDE_RECORDS:
        assert_record_refused(read, place % value, value)
    else:
        assert_refused(read, place % value)


NO_NUMBERS = (b"NaN", b"Infinity", b"-Infinity")
OUTSIDE_RECORDS = (PLACES["top level"], PLACES["info"])


def assert_record_refused(read: Reader, data: bytes, value: bytes) -> None:
    """Check that Python's names for no number cost the record they are in, and no other."""
    blocks = [event for event in events_of(read, data, 64, 7) if isinstance(event, Block)]
    [refused] = [refused for block in blocks for refused in block.refused]
    assert refused.code == "NUMBER_RANGE"
    assert value in refused.raw
    assert value not in b"".join(block.raw[row] for block in blocks for row in range(len(block.positions)))
    positions = [*(p for block in blocks for p in block.positions), refused.position]
    assert sorted(positions) == list(range(len(positions)))


@every_reader
@every_place
def test_nesting_is_read_up_to_the_limit_and_refused_beyond(place: bytes, read: Reader) -> None:
    most = MAX_DEPTH - (depth_of(place % (b"[" * 300 + b"]" * 300)) - 300)
    for depth in (1, 100, most):
        assert_read(read, place % (b"[" * depth + b"]" * depth))
    for depth in (most + 1, 1000, 100_000):
        assert_refused(read, place % (b"[" * depth + b"]" * depth))
        assert_refused(read, place % (b'{"a":' * depth + b"1" + b"}" * depth))


@every_reader
@pytest.mark.parametrize("space", [b"\v", b"\f", b"\0", b"\x85", b"\xc2\xa0", b"\xef\xbb\xbf"])
def test_only_the_white_space_of_json_is_read(space: bytes, read: Reader) -> None:
    tokens = b'{|"images"|:|[|{|"id"|:|1|}|,|{|}|]|,|"x"|:|[|1|]|}|'.split(b"|")
    for index in range(1, len(tokens)):
        data = b"".join([*tokens[:index], space, *tokens[index:]])
        assert expected_documents(data) is None
        assert_refused(read, data)


@every_reader
@pytest.mark.parametrize(
    "text",
    [
        '{"%s": 1, "%s": 2, "images": []}',
        '{"images": {"%s": 1}}',
        '{"images": "%s"}',
        '{"images": [{"id": 1, "%s": NaN}]}',
        '{"images": [], "%s": NaN}',
        '{"images": [], "%s": 1e999}',
        '{"images": [], "x": "%s\\q"}',
        '{"images": [], "x": "%s\n"}',
        '{"images": [{"%s": tru}]}',
        '{"images": [{"x": "%s}]}',
        '{"images": []} %s',
        '{"images": [{"%s": ' + "[" * 300,
        '[{"image_id": "%s", "caption": "%s"}]',
        "version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize 1\n",
        "<html><body>%s</body></html>",
        "%s",
        '"%s"',
        '["%s"]',
    ],
)
def test_a_refusal_quotes_nothing(text: str, read: Reader) -> None:
    # Where a reader hands a text on, its events are somebody else's to check.
    data = text.replace("%s", SECRET).encode()
    for block_bytes in (64, 1 << 20):
        try:
            list(events_of(read, data, block_bytes))
        except InputError:
            assert_refused(read, data, [(block_bytes, 1 << 20)])
