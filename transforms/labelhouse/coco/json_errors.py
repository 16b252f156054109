"""Turn a parser's complaint into an InputError that quotes nothing of the document."""

import codecs
import re
from collections.abc import Callable

import numpy as np

from labelhouse.coco.json_location import INVALID_ESCAPE, first_error
from labelhouse.coco.json_syntax import WHITE_SPACE
from labelhouse.coco.other_formats import refuse_other_containers
from labelhouse.errors import InputError
from labelhouse.reason_codes import ReasonCode

# The beginnings of yajl's first line; the lines after it quote the document and are never read.
_COMPLAINTS = (
    ("lexical error: invalid bytes in UTF8", ReasonCode.ENCODING),
    ("parse error: trailing garbage", ReasonCode.TRAILING_DATA),
    ("parse error: premature EOF", ReasonCode.TRUNCATED),
    ("parse error: integer overflow", ReasonCode.NUMBER_RANGE),
    ("parse error: numeric (floating point) overflow", ReasonCode.NUMBER_RANGE),
)
_WHAT = {
    ReasonCode.ENCODING: ("the text is not valid UTF-8", "save the export as UTF-8"),
    ReasonCode.TRAILING_DATA: (
        "data after the end of the document",
        "a file holds one document or one list of documents",
    ),
    ReasonCode.TRUNCATED: ("the document ends early", "download or export it again"),
    ReasonCode.NUMBER_RANGE: ("a number out of range", "integers must fit 64 bits, others a double"),
    ReasonCode.JSON_SYNTAX: ("not valid JSON", "export it again"),
}
_WRITE_TWICE = "write each backslash of a path twice, or export it again"
_SEARCHED_BYTES = 8 << 20
"""The place of an error is searched for in so much of a record, which takes a second."""


def syntax_error(
    error: Exception, text: bytes, offsets: Callable[[int], int], pointer: str | None = None
) -> InputError:
    """Return the InputError for what ijson raised while it read a text, which is the start of a JSON text.

    `offsets` returns the place in the stream of a byte of the text.
    """
    code = syntax_code(error)
    what, remedy = _WHAT[code]
    at = 0
    if code is ReasonCode.ENCODING:
        at = _undecodable(text)
    elif code is ReasonCode.JSON_SYNTAX and (located := first_error(text[:_SEARCHED_BYTES])):
        at, wrong = located
        what = f"{what}: {wrong}"
        remedy = _WRITE_TWICE if wrong == INVALID_ESCAPE else remedy
    return InputError(code, what, offset=offsets(at), pointer=pointer, remedy=remedy)


def invalid_escape(text: bytes, offset: int, pointer: str) -> InputError | None:
    """Return the error of an invalid escape in the unfinished elements of an array, at byte `offset`.

    A backslash before a quotation mark hides the end of a text, and so that of its record.
    """
    # Whatever is before the elements, they may begin with a comma.
    before = b"[0" if text.lstrip(WHITE_SPACE).startswith(b",") else b"["
    located = first_error(before + text[:_SEARCHED_BYTES])
    if located is None or located[1] != INVALID_ESCAPE:
        return None
    what = f"{_WHAT[ReasonCode.JSON_SYNTAX][0]}: {INVALID_ESCAPE}"
    at = offset + located[0] - len(before)
    return InputError(ReasonCode.JSON_SYNTAX, what, offset=at, pointer=pointer, remedy=_WRITE_TWICE)


def _undecodable(text: bytes) -> int:
    try:
        text.decode()
    except UnicodeDecodeError as error:
        return error.start
    return 0


def syntax_code(error: Exception) -> ReasonCode:
    """Return the reason code for what ijson raised."""
    if isinstance(error, UnicodeError):
        return ReasonCode.ENCODING
    if isinstance(error, ArithmeticError):
        return ReasonCode.NUMBER_RANGE
    # Some of ijson's messages are the text of a bytes object: b'lexical error: ...
    text = str(error).removeprefix("b'").removeprefix('b"')
    for complaint, code in _COMPLAINTS:
        if text.startswith(complaint):
            return code
    return ReasonCode.JSON_SYNTAX


def refuse_other_formats(head: bytes) -> None:
    """Raise InputError if the first bytes of a text show that it is something other than UTF-8 JSON."""
    refuse_other_containers(head)
    if head.startswith(b"\x1f\x8b"):
        raise InputError(
            ReasonCode.NOT_JSON, "gzip in gzip", remedy="unpack it once, or compress the export once only"
        )
    if head and not head.strip(b"\0"):
        raise InputError(
            ReasonCode.ENCODING, "zero bytes instead of a text", remedy="download or export it again"
        )
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in head[:4]:
        raise InputError(ReasonCode.ENCODING, "the text is UTF-16 or UTF-32", remedy="save it as UTF-8")
    text = head.removeprefix(codecs.BOM_UTF8).lstrip(WHITE_SPACE)
    if text.startswith(b"version https://git-lfs"):
        raise InputError(
            ReasonCode.NOT_JSON, "a git-lfs pointer instead of the file", remedy="run 'git lfs pull'"
        )
    if text.startswith(b"<"):
        raise InputError(
            ReasonCode.NOT_JSON,
            "HTML or XML instead of JSON",
            remedy="look at the download: it may be an error page",
        )
    if text and text[:1] not in b'{["-0123456789tfn':
        raise InputError(ReasonCode.NOT_JSON, "not a JSON text", remedy="export as COCO JSON")


_PAIR = re.compile(rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}")
_HALF = re.compile(rb"\\u[dD][89a-fA-F]")


def may_hold_lone_surrogate(text: bytes) -> bool:
    """Return whether an escape for half of a surrogate pair may stand alone; false alarms are rare."""
    # Texts of masks are full of backslashes: check the characters after them all at once.
    if b"\\" not in text:
        return False
    characters = np.frombuffer(text, np.uint8)
    escaped = characters[1:][characters[:-1] == ord("\\")]
    return bool((escaped == ord("u")).any()) and _HALF.search(_PAIR.sub(b"", text)) is not None
