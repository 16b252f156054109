"""Walk through an export's bytes: what lies in arrays of records, and what lies outside them."""

from codecs import BOM_UTF8
from collections.abc import Iterator
from typing import BinaryIO

from labelhouse.codes import Code
from labelhouse.envelope import Envelope
from labelhouse.errors import InputError
from labelhouse.limits import Limits
from labelhouse.reader import DocumentEnd, DocumentStart, Section
from labelhouse.record_arrays import COMMA, SPACE, WHITE_SPACE, Marks, RecordArray
from labelhouse.records import Documents, Prover, Stretch
from labelhouse.structure import Brackets, BracketScanner
from labelhouse.syntax import refuse_other_formats

_MAX_MISSES = 8
"""After so many vain offers of documents in a row nobody offers any more of the text."""


def stretches(
    stream: BinaryIO, *, block_bytes: int, limits: Limits, prover: Prover | None = None
) -> Iterator[DocumentStart | Stretch | Documents | DocumentEnd]:
    """Yield what a reader needs to know, in the order of the text, holding about one block.

    Every byte goes to exactly one parser: the envelope's, that of the stretch it is in, or the prover's.
    The text is therefore JSON if all of them accept. A chunk that begins inside an array, or between
    documents, is offered to the prover first; only what it leaves is scanned for brackets.
    """
    walk = _Walk(limits, prover)
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
        yield from walk.take(chunk, offset, ends=not piece)
        rest = chunk[walk.cursor :]
        offset += walk.cursor
        if not piece:
            break
        walk.check_limits(len(rest), offset)
    walk.close(offset + len(rest))


class _Walk:
    """Walk through a text chunk by chunk; each begins where `cursor` ended in the one before."""

    def __init__(self, limits: Limits, prover: Prover | None) -> None:
        self.cursor = 0
        self._limits = limits
        self._prover = prover
        self._scanner = BracketScanner()
        self._envelope = Envelope()
        self._array: RecordArray | None = None
        self._ended = False
        self._misses = 0

    def take(
        self, chunk: bytes, offset: int, *, ends: bool
    ) -> Iterator[DocumentStart | Stretch | Documents | DocumentEnd]:
        """Yield what the chunk at `offset` completes; nothing comes behind one that `ends` the text."""
        self.cursor = 0
        prover = None if ends else self._prover
        if prover is not None:
            yield from self._proven(chunk, offset, prover)
        if self.cursor == 0:
            yield from self._scanned(chunk, offset, prover)

    def check_limits(self, rest_bytes: int, offset: int) -> None:
        """Raise InputError for a record or document that is too large; prepare for the next chunk."""
        envelope = self._envelope
        if self._array is not None:
            # The rest is scanned again with what follows it: at its start nothing but the array is open.
            self._scanner = BracketScanner(envelope.array_depth or 0)
            _check_record(self._array.pointer, offset, rest_bytes, self._limits.record_bytes)
        if envelope.fed_bytes > (most := self._limits.document_bytes):
            raise InputError(
                Code.LIMIT_DOCUMENT,
                f"more than {most:,} bytes outside images, categories and annotations",
                offset=offset,
                remedy="split the export",
            )

    def close(self, offset: int) -> None:
        """Raise InputError unless the text, which is so long, is complete."""
        if offset == 0 or not self._envelope.begun:
            raise InputError(Code.EMPTY_INPUT, "the file is empty", remedy="export it again")
        if self._array is not None:
            raise InputError(
                Code.TRUNCATED,
                "the document ends early",
                offset=offset,
                remedy="download or export it again",
            )
        self._envelope.close(offset)

    def _proven(self, chunk: bytes, offset: int, prover: Prover) -> Iterator[Stretch | Documents]:
        if self._array is not None:
            yield from self._array.proven(chunk, offset, prover)
            self.cursor = self._array.cursor
        elif self._envelope.between_documents:
            yield from self._documents(chunk, 0, prover)

    def _documents(self, chunk: bytes, cursor: int, prover: Prover) -> Iterator[Documents]:
        """Yield the documents at `cursor` that the prover takes; leave `cursor` behind them."""
        envelope = self._envelope
        joint = (COMMA if envelope.wants_comma else SPACE).match(chunk, cursor)
        if joint is None or self._misses >= _MAX_MISSES or chunk[joint.end() : joint.end() + 1] != b"{":
            return
        found = prover.documents(envelope.position + 1, chunk[joint.end() :])
        if found is None:
            self._misses += 1
            return
        self._misses = 0
        envelope.pass_over(found.count)
        self.cursor = joint.end() + found.end
        # What follows is scanned, perhaps once more, with nothing but the list open.
        self._scanner = BracketScanner(1)
        self._ended = False
        yield found

    def _scanned(
        self, chunk: bytes, offset: int, prover: Prover | None
    ) -> Iterator[DocumentStart | Stretch | Documents | DocumentEnd]:
        envelope = self._envelope
        brackets = self._scanner.scan(chunk)
        _check_depth(brackets, offset, self._limits.depth)
        self._ended = _refuse_after_end(chunk, brackets, offset, self._ended)
        marks: Marks | None = None
        tried = False
        while self.cursor < len(chunk):
            if marks is None or marks.depth != envelope.array_depth:
                marks = Marks.of(chunk, brackets, envelope.array_depth)
            if self._array is not None:
                yield from self._array.take(chunk, self.cursor, marks, offset)
                self.cursor = self._array.cursor
                if not self._array.closed:
                    return
                self._array = None
                continue
            if prover is not None and not tried and envelope.between_documents:
                tried, before = True, self.cursor
                yield from self._documents(chunk, before, prover)
                if self.cursor > before:
                    return
            stop = marks.next_stop(self.cursor)
            for event in envelope.feed(chunk[self.cursor : stop], offset + self.cursor):
                if isinstance(event, Section):
                    self._array = RecordArray(event, envelope.position, envelope.document_pointer)
                else:
                    yield event
            self.cursor = stop


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
    if rest := chunk[start:].strip(WHITE_SPACE):
        raise InputError(
            Code.TRAILING_DATA,
            "data after the end of the document",
            offset=offset + chunk.index(rest, start),
            remedy="a file holds one document or one list of documents",
        )
    return True


def check_depth(stretch: Stretch, limit: int) -> None:
    """Raise InputError if a proven stretch is nested deeper than the limit; others have been looked at."""
    if stretch.records is not None:
        # Nesting counts from the text's start: document, array, and the list around documents.
        brackets = BracketScanner(3 if stretch.document_pointer else 2).scan(stretch.text)
        _check_depth(brackets, stretch.offset, limit)


def _check_depth(brackets: Brackets, offset: int, limit: int) -> None:
    if brackets.depths.size and int(brackets.depths.max()) > limit:
        first = int((brackets.depths > limit).argmax())
        raise InputError(
            Code.LIMIT_DEPTH,
            f"values nested more than {limit} levels deep",
            offset=offset + int(brackets.positions[first]),
            remedy="no export nests that deep; look at what wrote the file",
        )
