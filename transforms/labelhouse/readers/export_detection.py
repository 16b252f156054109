"""Find out whether a JSON text is a label export, from as little of it as shows it."""

from collections.abc import Callable
from typing import BinaryIO

import ijson

from labelhouse.coco.encord import LABEL_ROW_KEYS
from labelhouse.coco.json_syntax import ENDLESS_NUMBER, MAX_DIGITS
from labelhouse.coco.sections import Section

_PIECE_BYTES = 1 << 16
_SECTIONS = {section.value for section in Section}
_OF_COCO = {*_SECTIONS, "info", "licenses", "videos"}
HEAD_BYTES = 64 << 10
"""Bytes of a text's beginning that show whether it has label rows: these begin with their own names."""


def is_label_rows(head: bytes) -> bool:
    """Return whether a text that begins with these bytes has label rows; False if they do not show it.

    >>> is_label_rows(b'[{"created_at": "2023", "label_hash": "5f'), is_label_rows(b'{"images": [')
    (True, False)
    """
    events = ijson.sendable_list()
    parser = ijson.basic_parse_coro(events)
    if endless := ENDLESS_NUMBER.search(head):
        head = head[: endless.start()]
    # What comes before an error may show it.
    _accepts(parser, head.removeprefix(b"\xef\xbb\xbf"))
    depth = outer = 0
    for event, value in events:
        if event == "map_key" and depth == outer and (value in LABEL_ROW_KEYS or value in _OF_COCO):
            return value in LABEL_ROW_KEYS
        if event in ("start_map", "start_array"):
            depth += 1
            outer = outer or (depth if event == "start_map" else 0)
        elif event in ("end_map", "end_array"):
            depth -= 1
            if depth < outer:
                return False
    return False


def is_export(
    stream: BinaryIO, *, most_bytes: int, if_broken: bool, count: Callable[[int], None] = lambda _: None
) -> bool:
    """Return whether a text, or the first object of its list, has a section with records, or an empty one.

    A label row is an export, too. It reads up to that place, at most `most_bytes`, and gives `count` the
    number of bytes of each piece. A text that is not JSON up to there may be anything: the answer is
    `if_broken`.
    """
    events = ijson.sendable_list()
    parser = ijson.basic_parse_coro(events)
    document = _FirstDocument()
    tail = b""
    done = 0
    while done < most_bytes:
        piece = stream.read(_PIECE_BYTES)
        count(len(piece))
        # ijson crashes the process on a longer integer.
        if not piece:
            return if_broken and not _is_complete(parser)
        if ENDLESS_NUMBER.search(tail + piece):
            return if_broken
        tail = piece[-MAX_DIGITS:]
        done += len(piece)
        is_json = _accepts(parser, piece if done > len(piece) else piece.removeprefix(b"\xef\xbb\xbf"))
        for event, value in events:
            if (answer := document.take(event, value)) is not None:
                return answer
        events.clear()
        if not is_json:
            return if_broken
    return False


def _is_complete(parser: "ijson.coroutine") -> bool:
    try:
        parser.close()
    except (ijson.JSONError, UnicodeDecodeError, ArithmeticError):
        return False
    return True


def _accepts(parser: "ijson.coroutine", piece: bytes) -> bool:
    try:
        parser.send(piece)
    except (ijson.JSONError, UnicodeDecodeError, ArithmeticError):
        return False
    return True


class _FirstDocument:
    """Follow the events of a text until they show whether its first document is an export's."""

    def __init__(self) -> None:
        self._depth = 0
        self._document_depth = 0
        self._is_section = False
        self._has_empty_section = False
        self._is_empty_array = False

    def take(self, event: str, value: object) -> bool | None:
        """Return the answer, or None if this event does not show it."""
        if not self._document_depth and self._depth == 0 and event == "start_array":
            self._depth = 1
            return None
        if not self._document_depth:
            self._depth += 1
            self._document_depth = self._depth
            # An element of a list, or a text, that is not an object.
            return None if event == "start_map" else False
        within = self._depth - self._document_depth
        if event == "map_key" and within == 0:
            if value in LABEL_ROW_KEYS:
                return True
            self._is_section = value in _SECTIONS
        elif event in ("start_map", "start_array"):
            self._depth += 1
            if self._is_section and within == 1 and event == "start_map":
                # A record, or one of a section that is keyed by ids: reading the text says what is wrong.
                return True
            self._is_empty_array = within == 0 and event == "start_array"
            return None
        elif event in ("end_map", "end_array"):
            self._depth -= 1
            if self._depth < self._document_depth:
                return self._has_empty_section
            self._has_empty_section |= self._is_section and within == 1 and self._is_empty_array
        self._is_empty_array = False
        return None
