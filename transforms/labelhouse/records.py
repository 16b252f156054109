"""Cut the arrays of records out of an export's bytes, in stretches of whole records."""

import re
from bisect import bisect_left
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, TypeAlias

from labelhouse.codes import Code
from labelhouse.envelope import Envelope
from labelhouse.errors import InputError
from labelhouse.limits import Limits
from labelhouse.reader import DocumentEnd, DocumentStart, Section
from labelhouse.structure import Brackets, BracketScanner, Spans
from labelhouse.syntax import refuse_other_formats

_WHITE_SPACE = b" \t\r\n"
_SPACE = re.compile(rb"[ \t\r\n]*")
_COMMA = re.compile(rb"[ \t\r\n]*,[ \t\r\n]*")


@dataclass(frozen=True, slots=True)
class Stretch:
    """Whole consecutive elements of one record array, as text without its outer brackets.

    What lies between the spans is white space, commas, or scalars. `offset` is the text's place in the
    stream. Where whoever proved the cut has decoded the elements, they are in `records`, and nobody has
    looked for spans.
    """

    section: Section
    document: int
    document_pointer: str
    text: bytes
    offset: int
    spans: Spans | None = None
    records: list[Any] | None = None

    @property
    def pointer(self) -> str:
        """Return the JSON pointer of the array."""
        return f"{self.document_pointer}/{self.section.value}"


@dataclass(frozen=True, slots=True)
class Proven:
    """Elements of an array, decoded from the start of a text, which end at `end` of it."""

    records: list[Any]
    end: int


Prove: TypeAlias = Callable[[Section, bytes], Proven | None]
"""Decode whole records from the start of a text, as many as it surely holds.

Returns None for whatever it does not take, be it for a reason of its own or because it is wrong.
"""


def check_depth(stretch: Stretch, limit: int) -> None:
    """Raise InputError if a proven stretch is nested deeper than the limit; others have been looked at."""
    if stretch.records is not None:
        # Nesting counts from the text's start: document, array, and the list around documents.
        brackets = BracketScanner(3 if stretch.document_pointer else 2).scan(stretch.text)
        _check_depth(brackets, stretch.offset, limit)


def stretches(
    stream: BinaryIO, *, block_bytes: int, limits: Limits, prove: Prove | None = None
) -> Iterator[DocumentStart | Stretch | DocumentEnd]:
    """Yield what a reader needs to know, in the order of the text, holding about one block.

    Every byte goes to exactly one parser: the envelope's, or that of the stretch it is in. The text is
    therefore JSON if all of them accept. A chunk that begins inside an array is offered to `prove`
    first; only what it leaves is scanned for brackets.
    """
    scanner = BracketScanner()
    envelope = Envelope()
    array: _Array | None = None
    ended = False
    # What has been read and not been walked: the last record of a chunk, which the next one completes.
    rest = b""
    offset = 0
    # The first piece is long enough to tell a text's encoding. Behind a rest that is longer than a block
    # (one large record) as much again is read: looking through it again costs no more than reading it.
    while (piece := _read(stream, max(block_bytes, len(rest), 64 if offset == 0 else 1))) or rest:
        if offset == 0 and not rest:
            refuse_other_formats(piece)
            piece = piece.removeprefix(BOM_UTF8)
        _refuse_other_white_space(piece, offset + len(rest))
        chunk = rest + piece
        cursor = 0
        if array is not None and prove is not None and piece:
            yield from array.proven(chunk, offset, prove)
            cursor = array.cursor
        if array is None or cursor == 0:
            chunk, offset, cursor = chunk[cursor:], offset + cursor, 0
            brackets = scanner.scan(chunk)
            _check_depth(brackets, offset, limits.depth)
            ended = _refuse_after_end(chunk, brackets, offset, ended)
            marks: _Marks | None = None
            while cursor < len(chunk):
                if marks is None or marks.depth != envelope.array_depth:
                    marks = _Marks.of(chunk, brackets, envelope.array_depth)
                if array is not None:
                    yield from array.take(chunk, cursor, marks, offset)
                    cursor = array.cursor
                    if not array.closed:
                        break
                    array = None
                    continue
                stop = marks.next_array(cursor)
                for event in envelope.feed(chunk[cursor:stop], offset + cursor):
                    if isinstance(event, Section):
                        array = _Array(event, envelope.position, envelope.document_pointer)
                    else:
                        yield event
                cursor = stop
        rest = chunk[cursor:]
        offset += cursor
        if not piece:
            break
        if array is not None:
            # The rest is scanned again with what follows it: at its start nothing but the array is open.
            scanner = BracketScanner(envelope.array_depth or 0)
            _check_record(array.pointer, offset, len(rest), limits.record_bytes)
        if envelope.fed_bytes > limits.document_bytes:
            raise InputError(
                Code.LIMIT_DOCUMENT,
                f"more than {limits.document_bytes:,} bytes outside images, categories and annotations",
                offset=offset,
                remedy="split the export",
            )
    offset += len(rest)
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


def _read(stream: BinaryIO, size: int) -> bytes:
    """Return the next `size` bytes whatever pieces the stream hands out; fewer only at its end."""
    pieces: list[bytes] = []
    missing = size
    while missing and (piece := stream.read(missing)):
        pieces.append(piece)
        missing -= len(piece)
    return b"".join(pieces)


def _check_record(pointer: str, offset: int, size: int, limit: int) -> None:
    if size > limit:
        raise InputError(
            Code.LIMIT_RECORD,
            f"a record of more than {limit:,} bytes",
            offset=offset,
            pointer=pointer,
            remedy="no label is that large; look at what wrote the file",
        )


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
    """Take the elements of one record array, chunk after chunk; each begins where the last one ended."""

    def __init__(self, section: Section, document: int, document_pointer: str) -> None:
        self.closed = False
        self.cursor = 0
        self._section = section
        self._document = document
        self._document_pointer = document_pointer
        self._begun = False

    @property
    def pointer(self) -> str:
        """Return the JSON pointer of the array."""
        return f"{self._document_pointer}/{self._section.value}"

    def take(self, chunk: bytes, cursor: int, marks: _Marks, offset: int) -> Iterator[Stretch]:
        """Yield the elements that `chunk` completes; leave `cursor` where the walk goes on."""
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
        body = text.lstrip(_WHITE_SPACE)
        self.cursor = end
        if not body:
            return
        body = self._without_comma(body, offset + cursor)
        start = end - len(body)
        spans = Spans(
            [at - start for at in opens[bisect_left(opens, start) : bisect_left(opens, end)]],
            [at + 1 - start for at in closes[bisect_left(closes, start) : bisect_left(closes, end)]],
        )
        yield Stretch(self._section, self._document, self._document_pointer, body, offset + start, spans)

    def proven(self, chunk: bytes, offset: int, prove: Prove) -> Iterator[Stretch]:
        """Yield the records at the start of `chunk` that `prove` takes; leave `cursor` behind them."""
        self.cursor = 0
        joint = (_COMMA if self._begun else _SPACE).match(chunk)
        if joint is None:
            return
        body = chunk[joint.end() :]
        if not body.startswith(b"{") or (found := prove(self._section, body)) is None:
            return
        self._begun = True
        start = len(chunk) - len(body)
        self.cursor = start + found.end
        text = body[: found.end]
        place = (self._section, self._document, self._document_pointer)
        yield Stretch(*place, text, offset + start, records=found.records)

    def _without_comma(self, body: bytes, offset: int) -> bytes:
        """Return the elements without the comma that joins them to those before."""
        if self._begun:
            joined = body.startswith(b",")
            body = body[1:]
            if not joined or not body.strip(_WHITE_SPACE):
                raise InputError(
                    Code.JSON_SYNTAX,
                    "not valid JSON: a comma is missing or too many",
                    offset=offset,
                    pointer=self.pointer,
                    remedy="export it again",
                )
        self._begun = True
        return body
