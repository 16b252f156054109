"""Cut arrays of records, one after the other, out of the chunks of a text."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from labelhouse.coco.json_location import COMMA_BEFORE_CLOSE
from labelhouse.coco.json_syntax import WHITE_SPACE
from labelhouse.errors import InputError
from labelhouse.readers.chunks import ArrayPlace, PrefixDecoder, RecordChunk, Taken
from labelhouse.readers.structural_index import Brackets, Spans
from labelhouse.reason_codes import ReasonCode

SPACE = re.compile(rb"[ \t\r\n]*")
COMMA = re.compile(rb"[ \t\r\n]*,[ \t\r\n]*")


@dataclass(frozen=True, slots=True)
class Marks:
    """The places of one chunk where the splitter may stop."""

    depth: int | None
    array_opens: list[int]
    array_closes: list[int]
    record_opens: list[int]
    record_closes: list[int]
    document_closes: list[int]
    end: int

    @classmethod
    def of(cls, chunk: bytes, brackets: Brackets, depth: int | None) -> "Marks":
        """Select them from a chunk's brackets; record arrays lie at `depth`, None if that is not known."""
        if depth is None:
            # Before the first bracket nothing is known: it distinguishes a document from a list of
            # documents.
            return cls(None, brackets.positions[:1].tolist(), [], [], [], [], len(chunk))
        return cls(
            depth,
            [at for at in brackets.opening(depth) if chunk[at] == ord("[")],
            brackets.closing(depth - 1),
            brackets.opening(depth + 1),
            brackets.closing(depth),
            brackets.closing(depth - 2),
            len(chunk),
        )

    def closes_array(self, cursor: int) -> bool:
        """Return whether the array that is open at an offset ends in the chunk."""
        return bisect_left(self.array_closes, cursor) < len(self.array_closes)

    def next_stop(self, cursor: int) -> int:
        """Return the offset behind the next bracket that may open a record array or closes a document."""
        stops = [
            places[index] + 1
            for places in (self.array_opens, self.document_closes)
            if (index := bisect_left(places, cursor)) < len(places)
        ]
        return min(stops, default=self.end)


class RecordArray:
    """Take the elements of one record array, chunk after chunk; each chunk continues the last one."""

    def __init__(self, place: ArrayPlace) -> None:
        self.closed = False
        self.cursor = 0
        self.place = place
        self._begun = False

    def take(self, chunk: bytes, cursor: int, marks: Marks, offset: int) -> Iterator[RecordChunk]:
        """Yield the elements that `chunk` completes; leave `cursor` where the splitter goes on."""
        index = bisect_left(marks.array_closes, cursor)
        self.closed = index < len(marks.array_closes)
        opens = marks.record_opens
        closes = marks.record_closes
        if self.closed:
            end = marks.array_closes[index]
        else:
            last = bisect_left(closes, cursor)
            end = closes[-1] + 1 if last < len(closes) else cursor
        text = chunk[cursor:end]
        body = text.lstrip(WHITE_SPACE)
        self.cursor = end
        if not body:
            return
        body = self._without_comma(body, offset + end - len(body))
        start = end - len(body)
        spans = Spans(
            [at - start for at in opens[bisect_left(opens, start) : bisect_left(opens, end)]],
            [at + 1 - start for at in closes[bisect_left(closes, start) : bisect_left(closes, end)]],
        )
        yield RecordChunk(self.place, body, offset + start, spans)

    def offer(self, chunk: bytes, offset: int, prefix_decoder: PrefixDecoder[Taken]) -> Iterator[Taken]:
        """Yield what the prefix decoder makes of records that it takes; set `cursor` behind them."""
        self.cursor = 0
        joint = (COMMA if self._begun else SPACE).match(chunk)
        if joint is None:
            return
        start = joint.end()
        body = chunk[start:]
        if not body.startswith(b"{"):
            return
        taken = prefix_decoder.records(self.place, body, offset + start)
        if taken is not None:
            self._begun = True
            self.cursor = start + taken.end
            yield taken

    def _without_comma(self, body: bytes, offset: int) -> bytes:
        """Return the elements without the comma that joins them to earlier elements."""
        if self._begun:
            if not body.startswith(b","):
                raise self._error("a comma is missing", offset)
            if not body[1:].strip(WHITE_SPACE):
                # There are whole elements, up to the bracket: it is not a comma that more text follows.
                raise self._error(COMMA_BEFORE_CLOSE, offset + len(body))
            body = body[1:]
        self._begun = True
        return body

    def _error(self, what: str, offset: int) -> InputError:
        return InputError(
            ReasonCode.JSON_SYNTAX,
            f"not valid JSON: {what}",
            offset=offset,
            pointer=self.place.pointer,
            remedy="export it again",
        )
