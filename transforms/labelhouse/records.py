"""Cut the arrays of records out of an export's bytes, in stretches of whole records."""

from bisect import bisect_left
from codecs import BOM_UTF8
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from labelhouse.codes import Code
from labelhouse.envelope import Envelope
from labelhouse.errors import InputError
from labelhouse.limits import Limits
from labelhouse.reader import DocumentEnd, DocumentStart, Section
from labelhouse.structure import Brackets, BracketScanner
from labelhouse.syntax import refuse_other_formats

_WHITE_SPACE = b" \t\r\n"


@dataclass(frozen=True, slots=True)
class Stretch:
    """Whole consecutive elements of one record array, as text without its outer brackets.

    `starts` and `ends` are the spans of the elements that are objects or arrays; what lies between
    them is white space, commas, or scalars. `offset` is the text's place in the stream.
    """

    section: Section
    document_pointer: str
    text: bytes
    starts: list[int]
    ends: list[int]
    offset: int

    @property
    def pointer(self) -> str:
        """Return the JSON pointer of the array."""
        return f"{self.document_pointer}/{self.section.value}"


def stretches(
    stream: BinaryIO, *, block_bytes: int, limits: Limits
) -> Iterator[DocumentStart | Stretch | DocumentEnd]:
    """Yield what a reader needs to know, in the order of the text, holding about one block.

    Every byte goes to exactly one parser: the envelope's, or that of the stretch it is in. The text is
    therefore JSON if all of them accept.
    """
    scanner = BracketScanner()
    envelope = Envelope()
    array: _Array | None = None
    ended = False
    offset = 0
    for chunk in _chunks(stream, block_bytes):
        if offset == 0:
            refuse_other_formats(chunk)
            chunk = chunk.removeprefix(BOM_UTF8)
        _refuse_other_white_space(chunk, offset)
        brackets = scanner.scan(chunk)
        _check_depth(brackets, offset, limits.depth)
        ended = _refuse_after_end(chunk, brackets, offset, ended)
        cursor = 0
        marks: _Marks | None = None
        while cursor < len(chunk):
            if marks is None or marks.depth != envelope.array_depth:
                marks = _Marks.of(chunk, brackets, envelope.array_depth)
            if array is not None:
                yield from array.take(chunk, cursor, marks, offset)
                cursor = array.cursor
                if array.closed:
                    array = None
                continue
            stop = marks.next_array(cursor)
            for event in envelope.feed(chunk[cursor:stop], offset + cursor):
                if isinstance(event, Section):
                    array = _Array(event, envelope.document_pointer, offset + stop, limits.record_bytes)
                else:
                    yield event
            cursor = stop
        offset += len(chunk)
        if envelope.fed_bytes > limits.document_bytes:
            raise InputError(
                Code.LIMIT_DOCUMENT,
                f"more than {limits.document_bytes:,} bytes outside images, categories and annotations",
                offset=offset,
                remedy="split the export",
            )
    if offset == 0 or not envelope.begun:
        raise InputError(Code.EMPTY_INPUT, "the file is empty", remedy="export it again")
    if array is not None:
        raise InputError(
            Code.TRUNCATED,
            "the document ends early",
            offset=offset,
            remedy="download or export it again",
        )
    envelope.close(offset)


def _chunks(stream: BinaryIO, block_bytes: int) -> Iterator[bytes]:
    """Yield pieces of block_bytes whatever sizes the stream hands out; only the last is shorter.

    The first one is long enough to tell a text's encoding.
    """
    size = max(block_bytes, 64)
    while True:
        pieces: list[bytes] = []
        missing = size
        while missing and (piece := stream.read(missing)):
            pieces.append(piece)
            missing -= len(piece)
        if pieces:
            yield b"".join(pieces)
        if missing:
            return
        size = block_bytes


def _refuse_other_white_space(chunk: bytes, offset: int) -> None:
    # yajl takes them for white space; JSON knows four kinds, and strings may hold none of these raw.
    for other in (b"\v", b"\f"):
        if (at := chunk.find(other)) >= 0:
            raise InputError(
                Code.JSON_SYNTAX, "not valid JSON", offset=offset + at, remedy="export it again"
            )


def _refuse_after_end(chunk: bytes, brackets: Brackets, offset: int, ended: bool) -> bool:
    """Raise InputError for anything but white space behind the bracket that closes the text.

    yajl would not mind a string there that never ends. Returns whether the text has ended.
    """
    start = 0
    if not ended:
        closing = brackets.closing(0)
        if not closing:
            return False
        start = closing[0] + 1
    if rest := chunk[start:].strip(_WHITE_SPACE):
        raise InputError(
            Code.TRAILING_DATA,
            "data after the end of the document",
            offset=offset + chunk.index(rest, start),
            remedy="a file holds one document or one list of documents",
        )
    return True


def _check_depth(brackets: Brackets, offset: int, limit: int) -> None:
    if brackets.depths.size and int(brackets.depths.max()) > limit:
        first = int((brackets.depths > limit).argmax())
        raise InputError(
            Code.LIMIT_DEPTH,
            f"values nested more than {limit} levels deep",
            offset=offset + int(brackets.positions[first]),
            remedy="no export nests that deep; look at what wrote the file",
        )


@dataclass(frozen=True, slots=True)
class _Marks:
    """The places of one chunk where the walk may stop."""

    depth: int | None
    array_opens: list[int]
    array_closes: list[int]
    record_opens: list[int]
    record_closes: list[int]
    end: int

    @classmethod
    def of(cls, chunk: bytes, brackets: Brackets, depth: int | None) -> "_Marks":
        if depth is None:
            # Up to the first bracket nothing is known: it tells a document from a list of them.
            return cls(None, brackets.positions[:1].tolist(), [], [], [], len(chunk))
        return cls(
            depth,
            [at for at in brackets.opening(depth) if chunk[at] == ord("[")],
            brackets.closing(depth - 1),
            brackets.opening(depth + 1),
            brackets.closing(depth),
            len(chunk),
        )

    def next_array(self, cursor: int) -> int:
        """Return the offset just behind the next bracket that may open a record array."""
        index = bisect_left(self.array_opens, cursor)
        return self.array_opens[index] + 1 if index < len(self.array_opens) else self.end


class _Array:
    """Collect the elements of one record array across chunks."""

    def __init__(self, section: Section, document_pointer: str, offset: int, max_record_bytes: int) -> None:
        self.closed = False
        self.cursor = 0
        self._section = section
        self._document_pointer = document_pointer
        self._begun = False
        self._pending: list[bytes] = []
        self._pending_starts: list[int] = []
        self._pending_bytes = 0
        self._offset = offset
        self._max_record_bytes = max_record_bytes

    def take(self, chunk: bytes, cursor: int, marks: _Marks, offset: int) -> Iterator[Stretch]:
        """Yield the elements that `chunk` completes; leave `cursor` where the walk goes on."""
        index = bisect_left(marks.array_closes, cursor)
        self.closed = index < len(marks.array_closes)
        end = marks.array_closes[index] if self.closed else marks.end
        shift = self._pending_bytes - cursor
        opens = marks.record_opens
        closes = marks.record_closes
        starts = self._pending_starts + [
            at + shift for at in opens[bisect_left(opens, cursor) : bisect_left(opens, end)]
        ]
        ends = [at + 1 + shift for at in closes[bisect_left(closes, cursor) : bisect_left(closes, end)]]
        cut = end if self.closed else (ends[-1] - shift if ends else cursor)
        if cut > cursor or self.closed:
            text = b"".join([*self._pending, chunk[cursor:cut]])
            yield from self._stretch(text, starts[: len(ends)], ends)
            self._offset += len(text)
            self._pending = []
            self._pending_bytes = 0
            starts = [at - len(text) for at in starts[len(ends) :]]
        if not self.closed:
            self._pending.append(chunk[cut:end])
            self._pending_bytes += end - cut
            if self._pending_bytes > self._max_record_bytes:
                raise InputError(
                    Code.LIMIT_RECORD,
                    f"a record of more than {self._max_record_bytes:,} bytes",
                    offset=self._offset,
                    pointer=f"{self._document_pointer}/{self._section.value}",
                    remedy="no label is that large; look at what wrote the file",
                )
        self._pending_starts = starts
        self.cursor = end

    def _stretch(self, text: bytes, starts: list[int], ends: list[int]) -> Iterator[Stretch]:
        """Yield the stretch without the comma that joins it to the one before."""
        body = text.lstrip(_WHITE_SPACE)
        if not body:
            return
        if self._begun:
            joined = body.startswith(b",")
            body = body[1:]
            if not joined or not body.strip(_WHITE_SPACE):
                raise InputError(
                    Code.JSON_SYNTAX,
                    "not valid JSON: a comma is missing or too many",
                    offset=self._offset,
                    pointer=f"{self._document_pointer}/{self._section.value}",
                    remedy="export it again",
                )
        self._begun = True
        skipped = len(text) - len(body)
        yield Stretch(
            self._section,
            self._document_pointer,
            body,
            [at - skipped for at in starts],
            [at - skipped for at in ends],
            self._offset + skipped,
        )
