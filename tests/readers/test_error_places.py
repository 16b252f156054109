"""An error says where it is, to the byte, and what is wrong there; it quotes nothing of the text."""

import io
import json
import random

import pytest
from labelhouse.coco.json_location import first_error
from labelhouse.errors import InputError
from labelhouse.ingestion.stage_source import READERS
from labelhouse.readers.events import Reader
from labelhouse.reason_codes import ReasonCode

from tests.support.corpus import corpus_file
from tests.support.sets import rounds

BLOCK_BYTES = (64, 1000, 1 << 20)
every_reader = pytest.mark.parametrize("read", READERS.values(), ids=READERS.keys())


def error_of(read: Reader, text: bytes, block_bytes: int) -> InputError:
    with pytest.raises(InputError) as caught:
        list(read(io.BytesIO(text), block_bytes=block_bytes))
    return caught.value


IMAGES = b'{"info": {"year": 2026}, "images": [%s], "annotations": [], "categories": []}'
GOOD = b'{"id": 1, "file_name": "SECRET.jpg", "width": 10, "height": 10}'
BAD = b'{"id": 2, "file_name": "SECRET%s", "width": 10}'
ESCAPE = "not valid JSON: an invalid escape in a text"
CONTROL = "not valid JSON: an unescaped control character in a text, such as a line break"
TWICE = "write each backslash of a path twice, or export it again"
AGAIN = "export it again"

MARK = b"@@"
# A text with the mark at the place that the error names; the message, with the place of the record.
PLACES = {
    "a path of Windows": (BAD % rb"D:\new@@\data\img.jpg", ESCAPE, TWICE),
    "a path of Windows with a cut escape": (BAD % rb"D:@@\user\img.jpg", ESCAPE, TWICE),
    "a line break": (BAD % b"D:@@\nb", CONTROL, AGAIN),
    "no comma": (b'{"id": 2 @@"width": 10}', "not valid JSON: a comma is missing", AGAIN),
    "a comma too many": (b'{"id": 2, @@}', "not valid JSON: a comma before a closing bracket", AGAIN),
    "single quotes": (b"{\"id\": @@'SECRET'}", "not valid JSON: a text in single quotes", AGAIN),
    "a key without quotes": (b"{@@id: 2}", "not valid JSON: a key that is not in double quotes", AGAIN),
    "no colon": (b'{"id" @@2}', "not valid JSON: a colon is missing after a key", AGAIN),
    "no value": (b'{"id": @@, "width": 1}', "not valid JSON: a value is missing", AGAIN),
    "Python's words": (b'{"id": @@None}', "not valid JSON: None instead of null", AGAIN),
    "a number": (b'{"id": @@01}', "not valid JSON: an invalid number or word", AGAIN),
    "a word": (b'{"id": @@SECRET}', "not valid JSON: an invalid number or word", AGAIN),
    "another encoding": (
        BAD % b"f\xc3\xa9@@\xe9.jpg",
        "the text is not valid UTF-8",
        "save the export as UTF-8",
    ),
}


@every_reader
@pytest.mark.parametrize("in_list", [False, True], ids=["object", "list"])
@pytest.mark.parametrize("case", PLACES)
def test_an_error_in_a_record_names_its_byte(read: Reader, case: str, in_list: bool) -> None:
    record, what, remedy = PLACES[case]
    text = IMAGES % b",\n ".join([GOOD, record, GOOD])
    if in_list:
        text = b"[" + IMAGES % GOOD + b",\n" + text + b"]"
    at = text.index(MARK)
    text = text.replace(MARK, b"")
    pointer = "/1/images/1" if in_list else "/images/1"
    for block_bytes in BLOCK_BYTES:
        error = error_of(read, text, block_bytes)
        assert (error.offset, error.pointer) == (at, pointer)
        assert str(error) == f"{what} at {pointer} (byte {at:,}); {remedy}"


BETWEEN = {
    "a comma behind the last record": (GOOD + b", " + GOOD + b", @@", "a comma before a closing bracket"),
    "a comma behind the only record": (GOOD + b",\n @@", "a comma before a closing bracket"),
    "a comma missing": (GOOD + b", " + GOOD + b" @@" + GOOD, "a comma is missing"),
    "two commas": (GOOD + b", @@, " + GOOD, "a value is missing"),
    "a comma alone": (b"@@,", "a value is missing"),
}


@every_reader
@pytest.mark.parametrize("case", BETWEEN)
def test_an_error_between_records_names_its_byte(read: Reader, case: str) -> None:
    records, what = BETWEEN[case]
    text = IMAGES % records
    at = text.index(MARK)
    for block_bytes in (*range(8, 200), *BLOCK_BYTES):
        error = error_of(read, text.replace(MARK, b""), block_bytes)
        assert str(error) == f"not valid JSON: {what} at /images (byte {at:,}); {AGAIN}", block_bytes


@every_reader
@pytest.mark.parametrize("before", [b"", b"\xef\xbb\xbf"], ids=["plain", "byte-order mark"])
@pytest.mark.parametrize("place", ["start", "after the records", "second document"])
def test_an_error_outside_the_records_names_its_byte(read: Reader, place: str, before: bytes) -> None:
    info = rb'{"info": {"path": "SECRET@@\data"}, "images": [%s], "annotations": [%s]}'
    after = rb'{"images": [%s], "annotations": [%s], "info": {"path": "SECRET@@\data"}}'
    record = GOOD.replace(b"file_name", b"image_id")
    text = {
        "start": info % (GOOD, record),
        "after the records": after % (GOOD, record),
        "second document": b"[" + IMAGES % GOOD + b",\n" + after % (GOOD, record) + b"]",
    }[place]
    text = before + text
    at = text.index(MARK)
    for block_bytes in BLOCK_BYTES:
        error = error_of(read, text.replace(MARK, b""), block_bytes)
        assert (error.offset, str(error)) == (at, f"{ESCAPE} at byte {at:,}; {TWICE}")


@every_reader
def test_a_backslash_before_a_quotation_mark_is_an_invalid_escape_not_an_early_end(read: Reader) -> None:
    text = IMAGES % (BAD % b"D:\\imgs\\")
    for block_bytes in BLOCK_BYTES:
        error = error_of(read, text, block_bytes)
        at = text.index(b"\\imgs")
        assert (error.code, error.offset) == (ReasonCode.JSON_SYNTAX, at)


@every_reader
def test_the_path_of_windows_of_the_corpus_is_named_at_its_byte(read: Reader) -> None:
    text = corpus_file("dialects/26b_unescaped_windows_path.json").read_bytes()
    at = text.index(b"\\data")
    assert str(error_of(read, text, 1 << 20)) == f"{ESCAPE} at /images/0 (byte {at}); {TWICE}"


VALUE = {"a": [1, -2.5e3, True, None, {"k": 'v\\n\u1234"', "e": [], "o": {}}], "b": "x"}
TEXT = json.dumps(VALUE).encode()


def error_of_python(text: bytes) -> int | None:
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return error.pos
    return None


def test_the_first_error_is_where_pythons_parser_sees_one() -> None:
    chance = random.Random(5)
    for _ in range(rounds("ERRORS", 3_000, 20_000, 500_000)):
        text = bytearray(TEXT)
        for _ in range(chance.randrange(1, 3)):
            text[(at := chance.randrange(len(text))) : at + chance.randrange(2)] = bytes(
                [chance.choice(b'{}[],:"\\nu0123-.eE\n')]
            )
        located, wrong_at = first_error(bytes(text)), error_of_python(bytes(text))
        assert located is None or wrong_at is not None
        # Python names other bytes of a wrong escape or word, and of what is before a closing bracket.
        if located and not any(word in located[1] for word in ("escape", "word", "closing bracket")):
            assert located[0] == wrong_at
    for end in range(len(TEXT)):
        assert first_error(TEXT[:end]) is None
