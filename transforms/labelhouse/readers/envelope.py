"""Parse everything of an export that lies outside its arrays of records, with ijson's push parser."""

import math
from collections.abc import Callable, Iterator
from decimal import Decimal

import ijson
from ijson.common import ObjectBuilder

from labelhouse.coco.json_errors import syntax_error
from labelhouse.coco.json_syntax import ENDLESS_NUMBER, MAX_DIGITS, WHITE_SPACE
from labelhouse.coco.sections import Section
from labelhouse.coco.values import Json
from labelhouse.errors import InputError
from labelhouse.readers.events import DocumentEnd, DocumentStart
from labelhouse.reason_codes import ReasonCode

_FED_BYTES = 1 << 20
_SECTIONS = {section.value: section for section in Section}


class EnvelopeParser:
    """Take the text outside record arrays and report where documents and sections begin and end.

    A record array is fed as `[` `]` only: the caller takes its content elsewhere. The parser holds the
    current document's other top-level values.
    """

    def __init__(self) -> None:
        self._events = ijson.sendable_list()
        # Numbers as ints and Decimals: integers of any size are exact.
        self._parser = ijson.basic_parse_coro(self._events)
        self._tail = b""
        self._depth = 0
        self._document_depth = 0
        self._position = -1
        self._key = ""
        self._sections: set[Section] = set()
        self._values: dict[str, Json] = {}
        self._builder: ObjectBuilder | None = None
        self._begun = False
        self._last = b""
        self._fed = _FedText()
        self.fed_bytes = 0

    @property
    def array_depth(self) -> int | None:
        """Depth inside a top-level array of a document, None before the text's first bracket."""
        return self._document_depth + 1 if self._document_depth else None

    @property
    def position(self) -> int:
        """Index of the current document in the text."""
        return self._position

    @property
    def begun(self) -> bool:
        """Whether anything but white space has been fed."""
        return self._begun

    @property
    def document_pointer(self) -> str:
        """JSON pointer of the current document: empty for the text itself, `/n` in a list."""
        return f"/{self._position}" if self._document_depth == 2 else ""

    @property
    def between_documents(self) -> bool:
        """Whether the next thing is a document of a list, or the list's end."""
        return self._document_depth == 2 and self._depth == 1

    @property
    def wants_comma(self) -> bool:
        """Whether a document must be joined by a comma to what has been fed."""
        return self._last == b"}"

    def pass_over(self, count: int) -> None:
        """Count `count` documents of a list as read."""
        self._parser.send(b",{}" if self.wants_comma else b"{}")
        self._events.clear()
        self._last = b"}"
        self._position += count

    def feed(self, text: bytes, offset: int) -> Iterator[DocumentStart | Section | DocumentEnd]:
        """Parse the next piece of text, which starts at byte `offset` of the stream."""
        if self.between_documents:
            self._fed.restart(b"[{}" if self.wants_comma else b"[")
        self._fed.add(text, offset)
        if stripped := text.strip(WHITE_SPACE):
            self._begun = True
            self._last = stripped[-1:]
        self._refuse_endless_number(text, offset)
        yield from self._parse(lambda: self._parser.send(text), offset)
        # Counted after the events, because the start of a document resets the count.
        self.fed_bytes += len(text)

    def close(self, offset: int) -> None:
        """Raise InputError unless the text is complete; `offset` is its length in bytes."""
        self._fed.add(b"", offset)
        for _ in self._parse(self._parser.close, offset):
            raise AssertionError("a complete text yields nothing at its end")

    def _parse(
        self, step: Callable[[], None], offset: int
    ) -> Iterator[DocumentStart | Section | DocumentEnd]:
        try:
            step()
        except (ijson.JSONError, UnicodeDecodeError, ArithmeticError) as error:
            raise syntax_error(error, self._fed.text(), lambda at: self._fed.offset(at, offset)) from None
        events = list(self._events)
        self._events.clear()
        for event, value in events:
            yield from self._take(event, value)

    def _refuse_endless_number(self, text: bytes, offset: int) -> None:
        # ijson crashes the process on an integer of more digits than Python converts (4,300).
        if ENDLESS_NUMBER.search(self._tail + text):
            raise InputError(
                ReasonCode.NUMBER_RANGE,
                f"{MAX_DIGITS:,} digits in a row outside records",
                offset=offset,
                remedy="no export has them; look at what wrote the file",
            )
        self._tail = (self._tail + text)[-MAX_DIGITS:]

    def _take(self, event: str, value: Json) -> Iterator[DocumentStart | Section | DocumentEnd]:
        if self._builder is not None:
            self._build(event, value)
        elif not self._document_depth or self._depth < self._document_depth:
            yield from self._outside(event)
        elif event == "map_key":
            self._key = str(value)
            if self._key in self._values or _SECTIONS.get(self._key) in self._sections:
                raise InputError(
                    ReasonCode.DUPLICATE_KEY,
                    f"the key {_shown(self._key)} occurs twice in one document",
                    pointer=self._pointer(),
                    remedy="export the file again",
                )
        elif event == "end_map":
            self._depth -= 1
            yield DocumentEnd(self._position, frozenset(self._sections), self._values)
        elif event == "end_array":
            self._depth -= 1
        elif self._key in _SECTIONS and event != "null":
            yield self._section(event)
        elif event in ("start_map", "start_array"):
            self._builder = ObjectBuilder()
            self._build(event, value)
        else:
            self._values[self._key] = _plain(value)

    def _build(self, event: str, value: Json) -> None:
        assert self._builder is not None
        self._builder.event(event, value)
        if event in ("start_map", "start_array"):
            self._depth += 1
        elif event in ("end_map", "end_array"):
            self._depth -= 1
            if self._depth == self._document_depth:
                self._values[self._key] = _plain(self._builder.value)
                self._builder = None

    def _outside(self, event: str) -> Iterator[DocumentStart]:
        if event == "start_array" and self._depth == 0:
            self._depth = 1
            self._document_depth = 2
        elif event == "start_map":
            self._depth += 1
            self._document_depth = self._depth
            self._position += 1
            self._sections = set()
            self._values = {}
            self.fed_bytes = 0
            yield DocumentStart(self._position, in_list=self._depth == 2)
        elif event == "end_array":
            self._depth -= 1
        else:
            raise InputError(
                ReasonCode.NOT_AN_EXPORT,
                "neither a COCO object nor a list of COCO objects",
                pointer=f"/{self._position + 1}" if self._depth else None,
                remedy="export as COCO JSON",
            )

    def _section(self, event: str) -> Section:
        section = _SECTIONS[self._key]
        if event != "start_array":
            raise InputError(
                ReasonCode.WRONG_TYPE,
                f"{section.value} is not a list of records",
                pointer=self._pointer(),
                remedy="export as COCO JSON",
            )
        self._depth += 1
        self._sections.add(section)
        return section

    def _pointer(self) -> str:
        return f"{self.document_pointer}/{self._key}" if self._key in _SECTIONS else self.document_pointer


class _FedText:
    """Keep the text that the parser got of the current document, to find the place of an error in it."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._places: list[tuple[int, int]] = []
        self._bytes = 0

    def restart(self, before: bytes) -> None:
        """Forget earlier documents of a list; `before` stands for them."""
        self._pieces = [before]
        self._places = []
        self._bytes = len(before)

    def add(self, piece: bytes, offset: int) -> None:
        """Add the next piece, at byte `offset` of the stream."""
        self._places.append((self._bytes, offset))
        self._pieces.append(piece)
        self._bytes += len(piece)
        if self._bytes > _FED_BYTES:
            # The error of a larger document is only said to be in a piece.
            self._pieces, self._places = [], []

    def text(self) -> bytes:
        """Return the text, or nothing if it is too long."""
        return b"".join(self._pieces) if self._bytes <= _FED_BYTES else b""

    def offset(self, at: int, piece_offset: int) -> int:
        """Return the place in the stream of a byte of the text; else that of the last piece."""
        begun = [place for place in self._places if place[0] <= at]
        if self._bytes > _FED_BYTES or not begun:
            return piece_offset
        start, offset = begun[-1]
        return offset + at - start


def _plain(value: Json | Decimal) -> Json:
    """Return a value with its Decimals as doubles; raises InputError for one beyond them."""
    if isinstance(value, Decimal):
        number = float(value)
        if math.isinf(number):
            raise InputError(
                ReasonCode.NUMBER_RANGE,
                "a number is beyond the range of a double",
                remedy="mend the export",
            )
        return number
    if isinstance(value, list):
        return [_plain(v) for v in value]
    if isinstance(value, dict):
        return {key: _plain(v) for key, v in value.items()}
    return value


def _shown(key: str) -> str:
    # Only the names that every COCO file has: any other key is document text.
    return key if key in _SECTIONS or key in ("info", "licenses") else "of the document"
