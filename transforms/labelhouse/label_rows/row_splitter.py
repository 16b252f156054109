"""Take the text of label rows apart, chunk by chunk, whatever the order of their keys.

A row's answers may come behind its frames, and a data unit's size behind its labels. So the labels wait in
a spool, as text, until their row is complete.
"""

import re
from collections.abc import Iterator
from enum import Enum, auto
from typing import BinaryIO

import msgspec
import numpy as np

from labelhouse.coco.json_errors import invalid_escape, refuse_other_formats
from labelhouse.coco.json_syntax import WHITE_SPACE
from labelhouse.errors import InputError
from labelhouse.label_rows.row_parts import RowParts, Spool, UnitText
from labelhouse.limits import Limits
from labelhouse.readers.structural_index import Brackets, BracketScanner
from labelhouse.readers.text_splitter import check_brackets, read_block, refuse_other_white_space
from labelhouse.reason_codes import ReasonCode

UNITS = frozenset({"data_units", "spaces"})
ANSWERS = frozenset({"object_answers", "object_actions", "classification_answers"})
_KEY = re.compile(rb'("(?:[^"\\]|\\.)*")[ \t\r\n]*:[ \t\r\n]*$', re.DOTALL)
_KEY_BYTES = 4_096
_FIRST = re.compile(rb"[ \t\r\n]*")
_NEXT = re.compile(rb"[ \t\r\n]*,[ \t\r\n]*")


class _Place(Enum):
    OUTSIDE = auto()
    ROW = auto()
    """In a row, between its members."""
    VALUE = auto()
    """In a list or object of a row that is held with it."""
    UNITS = auto()
    """Between the data units or spaces of a row."""
    UNIT = auto()
    UNIT_VALUE = auto()
    LABELS = auto()
    ANSWERS = auto()
    END = auto()


def split_rows(stream: BinaryIO, spool: Spool, *, block_bytes: int, limits: Limits) -> Iterator[RowParts]:
    """Yield the rows of a text, each once it is complete; the caller clears the spool behind each.

    It holds about one block, and each row without its labels and answers. Raises InputError for a text that
    is not JSON as far as brackets, rows and their order show; the caller decodes the parts.
    """
    splitter = _RowSplitter(spool, limits)
    rest = b""
    offset = 0
    ends = False
    while not ends:
        # A record that a chunk did not end is scanned again: twice as much text bounds the work.
        piece = read_block(stream, max(block_bytes, len(rest), 64))
        ends = not piece
        if offset == 0 and not rest:
            refuse_other_formats(piece)
            if piece.startswith(b"\xef\xbb\xbf"):
                piece = piece[3:]
                offset = 3
        refuse_other_white_space(piece, offset + len(rest))
        chunk = rest + piece
        yield from splitter.take(chunk, offset)
        rest = chunk[splitter.cursor :]
        offset += splitter.cursor
        splitter.check_rest(rest, offset, ends=ends)
    splitter.close(offset)


class _RowSplitter:
    """Follow the brackets of a text; each chunk begins where `cursor` ended in the one before.

    | place  | text goes to       | leaves at                                              |
    |--------|--------------------|--------------------------------------------------------|
    | ROW    | the row            | `{` of data_units, spaces or answers, else its `}`     |
    | UNITS  | the row, `0` each  | `{` of a unit, or `}`                                   |
    | UNIT   | the unit           | `{` of its labels, or `}`                               |
    | LABELS | the spool          | `}`; a piece ends behind a whole frame, or a whole list |
    | ANSWERS| the spool          | `}`; a piece ends behind a whole answer                 |
    """

    def __init__(self, spool: Spool, limits: Limits) -> None:
        self.cursor = 0
        self._spool = spool
        self._limits = limits
        self._scanner = BracketScanner()
        self._place = _Place.OUTSIDE
        self._depth = 0
        """Depth inside a row; 0 before the first bracket."""
        self._position = -1
        self._between = bytearray()
        self._row: RowParts | None = None
        self._unit: UnitText | None = None
        self._parent = ""
        self._begun = False
        """Whether a piece of the current labels or answers has been taken."""
        self._deepest = 0

    def take(self, chunk: bytes, offset: int) -> Iterator[RowParts]:
        """Yield the rows that a chunk at `offset` completes."""
        self.cursor = 0
        brackets = self._scanner.scan(chunk)
        check_brackets(brackets, offset, self._limits.depth)
        marks = _Marks(brackets, len(chunk))
        while self.cursor < len(chunk):
            before = self.cursor
            step = _STEPS[self._place]
            row = step(self, chunk, marks, offset)
            if row is not None:
                yield row
            if self.cursor == before:
                # The rest is scanned again with the text behind it: only its object is open at its start.
                self._scanner = BracketScanner(self._depth + (3 if self._place is _Place.LABELS else 1))
                return

    def check_rest(self, rest: bytes, offset: int, *, ends: bool) -> None:
        """Raise InputError for a record that is too large, or that the end of the text cuts."""
        if ends and rest:
            if error := invalid_escape(rest, offset, self._pointer()):
                raise error
            raise _truncated(offset + len(rest))
        if len(rest) > (most := self._limits.record_bytes):
            raise InputError(
                ReasonCode.LIMIT_RECORD,
                f"a record of more than {most:,} bytes",
                offset=offset,
                pointer=self._pointer(),
                remedy="no label is that large; look at what wrote the file",
            )
        held = (len(self._row.text) if self._row else 0) + (len(self._unit.text) if self._unit else 0)
        if held > (most := self._limits.document_bytes):
            raise InputError(
                ReasonCode.LIMIT_DOCUMENT,
                f"more than {most:,} bytes of a label row outside its labels and answers",
                offset=offset,
                remedy="split the export",
            )

    def close(self, offset: int) -> None:
        """Raise InputError unless the text is complete; `offset` is its length."""
        if self._place is _Place.END:
            return
        if self._depth == 0:
            raise InputError(ReasonCode.EMPTY_INPUT, "the file is empty", remedy="export it again")
        raise _truncated(offset)

    def outside(self, chunk: bytes, marks: "_Marks", offset: int) -> None:
        """Take what is between rows."""
        if not self._depth:
            opening = marks.first()
            if opening is None or chunk[self.cursor : opening].strip(WHITE_SPACE):
                raise _not_rows(None, offset + self.cursor)
            self._depth = 1 if chunk[opening : opening + 1] == b"{" else 2
            self.cursor = opening + (self._depth - 1)
            if self._depth == 1:
                self._begin(offset)
            return
        opening = marks.opening(self._depth, self.cursor)
        closing = marks.closing(self._depth - 2, self.cursor)
        end = min(opening, closing)
        self._between += chunk[self.cursor : end]
        self.cursor = min(end, len(chunk))
        if end == len(chunk) and opening == closing:
            if len(self._between) > self._limits.document_bytes:
                raise _not_rows(f"/{self._position + 1}", offset + self.cursor)
            return
        between = bytes(self._between)
        self._between.clear()
        if opening < closing:
            pattern = _NEXT if self._position >= 0 else _FIRST
            if not pattern.fullmatch(between) or chunk[opening : opening + 1] != b"{":
                raise _between_error(between, self._position, offset + self.cursor)
            self._begin(offset)
            return
        if not _FIRST.fullmatch(between):
            raise _between_error(between, self._position, offset + self.cursor)
        self.cursor += 1
        self._place = _Place.END

    def _begin(self, offset: int) -> None:
        self._position += 1
        self._row = RowParts(self._position, self._depth == 2, offset + self.cursor)
        self._row.text += b"{"
        self.cursor += 1
        self._place = _Place.ROW

    def row(self, chunk: bytes, marks: "_Marks", offset: int) -> RowParts | None:
        """Take members of a row up to the next list or object, or to its end."""
        row = self._row
        assert row is not None
        opening = marks.opening(self._depth + 1, self.cursor)
        closing = marks.closing(self._depth - 1, self.cursor)
        end = min(opening, closing)
        row.text += chunk[self.cursor : end]
        self.cursor = end
        if end == len(chunk):
            return None
        row.text += chunk[end : end + 1]
        self.cursor += 1
        if closing < opening:
            self._place = _Place.OUTSIDE if self._depth == 2 else _Place.END
            self._row = None
            return row
        key = _key_before(row.text)
        is_object = chunk[end : end + 1] == b"{"
        if is_object and key in UNITS | ANSWERS:
            if key in row.sections:
                raise _twice(key, row.pointer)
            row.sections.add(key)
            self._parent, self._begun = key, False
            self._place = _Place.UNITS if key in UNITS else _Place.ANSWERS
        else:
            self._place = _Place.VALUE
        return None

    def value(self, chunk: bytes, marks: "_Marks", offset: int) -> None:
        """Take a list or object of a row to its end."""
        assert self._row is not None
        self._to_end(self._row.text, chunk, marks.closing(self._depth, self.cursor), _Place.ROW)

    def units(self, chunk: bytes, marks: "_Marks", offset: int) -> None:
        """Take the key of the next unit, or the end of the units."""
        row = self._row
        assert row is not None
        opening = marks.opening(self._depth + 2, self.cursor)
        closing = marks.closing(self._depth, self.cursor)
        end = min(opening, closing)
        row.text += chunk[self.cursor : end]
        self.cursor = end
        if end == len(chunk):
            return
        self.cursor += 1
        if closing < opening:
            row.text += b"}"
            self._place = _Place.ROW
            return
        key = _key_before(row.text)
        if chunk[end : end + 1] != b"{":
            raise InputError(
                ReasonCode.WRONG_TYPE,
                "a data unit that is a list",
                offset=offset + end,
                pointer=f"{row.pointer}/{self._parent}",
                remedy="export it again",
            )
        # Whether the keys and commas between units are JSON shows when the row is decoded.
        row.text += b"0"
        self._unit = UnitText(self._parent, key or "", offset + end)
        self._unit.text += b"{"
        self._place = _Place.UNIT

    def unit(self, chunk: bytes, marks: "_Marks", offset: int) -> None:
        """Take members of a unit up to the next list or object, or to its end."""
        unit, row = self._unit, self._row
        assert unit is not None
        assert row is not None
        opening = marks.opening(self._depth + 3, self.cursor)
        closing = marks.closing(self._depth + 1, self.cursor)
        end = min(opening, closing)
        unit.text += chunk[self.cursor : end]
        self.cursor = end
        if end == len(chunk):
            return
        unit.text += chunk[end : end + 1]
        self.cursor += 1
        if closing < opening:
            row.units.append(unit)
            self._unit = None
            self._place = _Place.UNITS
        elif chunk[end : end + 1] == b"{" and _key_before(unit.text) == "labels":
            if unit.has_labels:
                raise _twice("labels", f"{row.pointer}/{unit.parent}")
            unit.has_labels, self._begun = True, False
            self._place = _Place.LABELS
        else:
            self._place = _Place.UNIT_VALUE

    def unit_value(self, chunk: bytes, marks: "_Marks", offset: int) -> None:
        """Take a list or object of a unit to its end."""
        assert self._unit is not None
        self._to_end(self._unit.text, chunk, marks.closing(self._depth + 2, self.cursor), _Place.UNIT)

    def labels(self, chunk: bytes, marks: "_Marks", offset: int) -> None:
        """Spool whole frames of a unit, or whole lists of objects and classifications of an image."""
        assert self._unit is not None
        end = marks.closing(self._depth + 2, self.cursor)
        whole = end if end < len(chunk) else marks.last_closing(self._depth + 3, self.cursor)
        if whole is None:
            return
        text = self._members(chunk, whole, offset)
        if text is not None:
            self._unit.labels.append(self._spool.add(*text))
        if end < len(chunk):
            self._unit.text += b"}"
            self.cursor += 1
            self._place = _Place.UNIT

    def answers(self, chunk: bytes, marks: "_Marks", offset: int) -> None:
        """Spool whole answers."""
        row = self._row
        assert row is not None
        end = marks.closing(self._depth, self.cursor)
        whole = end if end < len(chunk) else marks.last_closing(self._depth + 1, self.cursor)
        if whole is None:
            return
        text = self._members(chunk, whole, offset)
        if text is not None:
            row.answers.setdefault(self._parent, []).append(self._spool.add(*text))
        if end < len(chunk):
            row.text += b"}"
            self.cursor += 1
            self._place = _Place.ROW

    def end(self, chunk: bytes, marks: "_Marks", offset: int) -> None:
        """Refuse anything but white space behind the text."""
        if rest := chunk[self.cursor :].strip(WHITE_SPACE):
            raise InputError(
                ReasonCode.TRAILING_DATA,
                "data after the end of the document",
                offset=offset + chunk.index(rest, self.cursor),
                remedy="a file holds one label row or one list of label rows",
            )
        self.cursor = len(chunk)

    def _members(self, chunk: bytes, end: int, offset: int) -> tuple[bytes, int] | None:
        """Return the members up to `end` without the comma that joins them to earlier ones."""
        start, self.cursor = self.cursor, end
        text = chunk[start:end]
        body = text.strip(WHITE_SPACE)
        if not body:
            return None
        at = offset + start + len(text) - len(text.lstrip(WHITE_SPACE))
        if self._begun:
            if not body.startswith(b",") or not body[1:].strip(WHITE_SPACE):
                raise InputError(
                    ReasonCode.JSON_SYNTAX,
                    "not valid JSON: a comma is missing or too many",
                    offset=at,
                    pointer=self._pointer(),
                    remedy="export it again",
                )
            body, at = body[1:], at + 1
        self._begun = True
        return body, at

    def _to_end(self, text: bytearray, chunk: bytes, closing: int, then: _Place) -> None:
        end = min(closing + 1, len(chunk))
        text += chunk[self.cursor : end]
        self.cursor = end
        if closing < len(chunk):
            self._place = then

    def _pointer(self) -> str:
        if self._row is None:
            return ""
        unit = self._unit
        where = f"/{unit.parent}/{escaped(unit.key)}" if unit else ""
        if self._place is _Place.LABELS:
            where += "/labels"
        elif self._place is _Place.ANSWERS:
            where = f"/{self._parent}"
        return self._row.pointer + where


_STEPS = {
    _Place.OUTSIDE: _RowSplitter.outside,
    _Place.ROW: _RowSplitter.row,
    _Place.VALUE: _RowSplitter.value,
    _Place.UNITS: _RowSplitter.units,
    _Place.UNIT: _RowSplitter.unit,
    _Place.UNIT_VALUE: _RowSplitter.unit_value,
    _Place.LABELS: _RowSplitter.labels,
    _Place.ANSWERS: _RowSplitter.answers,
    _Place.END: _RowSplitter.end,
}


class _Marks:
    """The brackets of one chunk, by depth; each search returns the chunk's length where there is none."""

    def __init__(self, brackets: Brackets, size: int) -> None:
        self._brackets = brackets
        self._size = size
        self._opens: dict[int, np.ndarray] = {}
        self._closes: dict[int, np.ndarray] = {}

    def first(self) -> int | None:
        """Return the place of the first bracket."""
        positions = self._brackets.positions
        return int(positions[0]) if positions.size else None

    def opening(self, depth: int, cursor: int) -> int:
        """Return where the next container opens at a depth."""
        if depth not in self._opens:
            brackets = self._brackets
            self._opens[depth] = brackets.positions[brackets.opens & (brackets.depths == depth)]
        return self._next(self._opens[depth], cursor)

    def closing(self, depth: int, cursor: int) -> int:
        """Return the next bracket that leads back to a depth."""
        return self._next(self._closing(depth), cursor)

    def last_closing(self, depth: int, cursor: int) -> int | None:
        """Return the place behind the last bracket that leads back to a depth, from the cursor on."""
        closes = self._closing(depth)
        return int(closes[-1]) + 1 if closes.size and closes[-1] >= cursor else None

    def _closing(self, depth: int) -> np.ndarray:
        if depth not in self._closes:
            brackets = self._brackets
            self._closes[depth] = brackets.positions[~brackets.opens & (brackets.depths == depth)]
        return self._closes[depth]

    def _next(self, places: np.ndarray, cursor: int) -> int:
        index = places.searchsorted(cursor)
        return int(places[index]) if index < places.size else self._size


def escaped(key: str) -> str:
    """Return a key as a part of a JSON pointer.

    >>> escaped("a/b~c")
    'a~1b~0c'
    """
    return key.replace("~", "~0").replace("/", "~1")


def _key_before(text: bytearray) -> str:
    """Return the key of the container that begins at the end of a text; empty if there is none."""
    match = _KEY.search(bytes(text[-_KEY_BYTES:]).rstrip(b"{["))
    if match is None:
        return ""
    try:
        return msgspec.json.decode(match[1], type=str)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""


def _twice(key: str, pointer: str) -> InputError:
    return InputError(
        ReasonCode.DUPLICATE_KEY,
        f"the key {key} occurs twice in one label row",
        pointer=f"{pointer}/{key}",
        remedy="export the file again",
    )


def _truncated(offset: int) -> InputError:
    return InputError(
        ReasonCode.TRUNCATED,
        "the document ends early",
        offset=offset,
        remedy="download or export it again",
    )


def _not_rows(pointer: str | None, offset: int) -> InputError:
    return InputError(
        ReasonCode.NOT_AN_EXPORT,
        "neither a label row nor a list of label rows",
        pointer=pointer,
        offset=offset,
        remedy="export the labels as JSON",
    )


def _between_error(between: bytes, position: int, offset: int) -> InputError:
    if between.strip(WHITE_SPACE + b",") or position < 0:
        return _not_rows(f"/{position + 1}", offset)
    return InputError(
        ReasonCode.JSON_SYNTAX,
        "not valid JSON: a comma is missing or too many",
        offset=offset,
        remedy="export it again",
    )
