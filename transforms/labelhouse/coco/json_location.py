"""Find the first byte of a text that no JSON has there, and say what is wrong, without quoting the text.

The readers' parsers say only that a text is not JSON. This one is slow, and runs after that.
"""

import re

_SPACE = re.compile(rb"[ \t\r\n]*+")
_STRING = re.compile(rb'"(?:[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+')
_ESCAPE_BEGUN = re.compile(rb"\\(?:u[0-9a-fA-F]{0,3})?")
_NUMBER = re.compile(rb"-?+(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?+(?:[eE][+-]?+[0-9]++)?+")
_WORD = re.compile(rb"[\w.+-]+")
_LITERALS = (b"true", b"false", b"null")
_CLOSES = {b"]": b"[", b"}": b"{"}

INVALID_ESCAPE = "an invalid escape in a text"
_CONTROL = "an unescaped control character in a text, such as a line break"
COMMA_BEFORE_CLOSE = "a comma before a closing bracket"
_OTHER_WORDS = {
    b"NaN": "NaN, which JSON does not have",
    b"Infinity": "Infinity, which JSON does not have",
    b"-Infinity": "Infinity, which JSON does not have",
    b"True": "True instead of true",
    b"False": "False instead of false",
    b"None": "None instead of null",
}


def first_error(text: bytes) -> tuple[int, str] | None:
    r"""Return the offset of the first error and what is wrong; None if the text can be the start of JSON.

    >>> first_error(rb'{"file_name": "D:\data\img.jpg"}')
    (17, 'an invalid escape in a text')
    >>> first_error(b'[{"a": 1}, {"b": ')
    """
    return _Walk(text).first_error()


class _Walk:
    """Walk over the tokens of a text; `_wants` is what may come next."""

    def __init__(self, text: bytes) -> None:
        self._text = text
        self._open: list[bytes] = []
        self._wants = "value"

    def first_error(self) -> tuple[int, str] | None:
        at = 0
        while (at := self._skipped(at)) < len(self._text):
            end, wrong = self._token(at)
            if wrong:
                return end, wrong
            at = end
        return None

    def _skipped(self, at: int) -> int:
        match = _SPACE.match(self._text, at)
        return match.end() if match else at

    def _token(self, at: int) -> tuple[int, str]:
        """Return where the token at an offset ends; or the place of an error, and what is wrong."""
        byte = self._text[at : at + 1]
        if self._wants in ("value", "first value"):
            return self._value(at, byte)
        if self._wants in ("key", "first key"):
            return self._key(at, byte)
        if self._wants == "colon":
            self._wants = "value"
            return (at + 1, "") if byte == b":" else (at, "a colon is missing after a key")
        if not self._open:
            return at, "data after the end"
        if byte == b",":
            self._wants = "key" if self._open[-1] == b"{" else "value"
            return at + 1, ""
        return self._closed(at, byte) if byte in _CLOSES else (at, "a comma is missing")

    def _value(self, at: int, byte: bytes) -> tuple[int, str]:
        if byte in (b"[", b"{"):
            self._open.append(byte)
            self._wants = "first value" if byte == b"[" else "first key"
            return at + 1, ""
        if byte in _CLOSES:
            if self._wants == "first value":
                return self._closed(at, byte)
            is_after_comma = bool(self._open) and self._open[-1] == b"["
            return at, COMMA_BEFORE_CLOSE if is_after_comma else "a value is missing"
        self._wants = "next"
        if byte == b'"':
            return self._string(at)
        return self._word(at, byte)

    def _key(self, at: int, byte: bytes) -> tuple[int, str]:
        if byte == b"}":
            return self._closed(at, byte) if self._wants == "first key" else (at, COMMA_BEFORE_CLOSE)
        self._wants = "colon"
        return self._string(at) if byte == b'"' else (at, "a key that is not in double quotes")

    def _closed(self, at: int, byte: bytes) -> tuple[int, str]:
        if self._open.pop() != _CLOSES[byte]:
            return at, "a closing bracket of the other kind"
        self._wants = "next"
        return at + 1, ""

    def _string(self, at: int) -> tuple[int, str]:
        match = _STRING.match(self._text, at)
        end = match.end() if match else at
        if end == len(self._text) or _ESCAPE_BEGUN.fullmatch(self._text, end):
            # The text is cut here.
            return len(self._text), ""
        if self._text[end] == ord('"'):
            return end + 1, ""
        return end, INVALID_ESCAPE if self._text[end] == ord("\\") else _CONTROL

    def _word(self, at: int, byte: bytes) -> tuple[int, str]:
        word = _WORD.match(self._text, at)
        if word is None:
            return at, "a text in single quotes" if byte == b"'" else "a value is missing"
        if word[0] in _LITERALS or _NUMBER.fullmatch(word[0]):
            return word.end(), ""
        if word.end() == len(self._text) and (
            any(literal.startswith(word[0]) for literal in _LITERALS) or _NUMBER.fullmatch(word[0] + b"0")
        ):
            return word.end(), ""
        return at, _OTHER_WORDS.get(word[0], "an invalid number or word")
