"""Turn a parser's complaint into an InputError that quotes nothing of the document."""

import codecs
import re

import numpy as np

from labelhouse.errors import InputError
from labelhouse.reason_codes import Code

# The beginnings of yajl's first line; the lines after it quote the document and are never read.
_COMPLAINTS = (
    ("lexical error: invalid bytes in UTF8", Code.ENCODING),
    ("parse error: trailing garbage", Code.TRAILING_DATA),
    ("parse error: premature EOF", Code.TRUNCATED),
    ("parse error: integer overflow", Code.NUMBER_RANGE),
    ("parse error: numeric (floating point) overflow", Code.NUMBER_RANGE),
)
_WHAT = {
    Code.ENCODING: ("the text is not valid UTF-8", "save the export as UTF-8"),
    Code.TRAILING_DATA: (
        "data after the end of the document",
        "a file holds one document or one list of documents",
    ),
    Code.TRUNCATED: ("the document ends early", "download or export it again"),
    Code.NUMBER_RANGE: ("a number out of range", "integers must fit 64 bits, others a double"),
    Code.JSON_SYNTAX: ("not valid JSON", "export it again"),
}


def syntax_error(error: Exception, *, offset: int, pointer: str | None = None) -> InputError:
    """Return the InputError for what ijson raised while it read the text at byte `offset`."""
    code = syntax_code(error)
    what, remedy = _WHAT[code]
    return InputError(code, what, offset=offset, pointer=pointer, remedy=remedy)


def syntax_code(error: Exception) -> Code:
    """Return the reason code for what ijson raised."""
    if isinstance(error, UnicodeError):
        return Code.ENCODING
    if isinstance(error, ArithmeticError):
        return Code.NUMBER_RANGE
    # Some of ijson's messages are the text of a bytes object: b'lexical error: ...
    text = str(error).removeprefix("b'").removeprefix('b"')
    for complaint, code in _COMPLAINTS:
        if text.startswith(complaint):
            return code
    return Code.JSON_SYNTAX


def refuse_other_formats(head: bytes) -> None:
    """Raise InputError if the first bytes of a text show that it is something other than UTF-8 JSON."""
    if head.startswith(b"\x1f\x8b"):
        raise InputError(
            Code.NOT_JSON, "gzip in gzip", remedy="unpack it once, or compress the export once only"
        )
    if head and not head.strip(b"\0"):
        raise InputError(
            Code.ENCODING, "zero bytes instead of a text", remedy="download or export it again"
        )
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in head[:4]:
        raise InputError(Code.ENCODING, "the text is UTF-16 or UTF-32", remedy="save it as UTF-8")
    text = head.removeprefix(codecs.BOM_UTF8).lstrip(b" \t\r\n")
    if text.startswith(b"version https://git-lfs"):
        raise InputError(
            Code.NOT_JSON, "a git-lfs pointer instead of the file", remedy="run 'git lfs pull'"
        )
    if text.startswith(b"<"):
        raise InputError(
            Code.NOT_JSON,
            "HTML or XML instead of JSON",
            remedy="look at the download: it may be an error page",
        )
    if text and text[:1] not in b'{["-0123456789tfn':
        raise InputError(Code.NOT_JSON, "not a JSON text", remedy="export as COCO JSON")


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
