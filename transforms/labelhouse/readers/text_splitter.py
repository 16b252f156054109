"""Walk through an export's bytes: those in arrays of records, and those outside."""

import re
from codecs import BOM_UTF8
from collections.abc import Iterator
from typing import BinaryIO, TypeAlias

from labelhouse.coco.json_errors import refuse_other_formats
from labelhouse.coco.json_syntax import WHITE_SPACE
from labelhouse.coco.sections import Section
from labelhouse.errors import InputError
from labelhouse.limits import Limits
from labelhouse.readers.array_splitter import COMMA, SPACE, Marks, RecordArray
from labelhouse.readers.chunks import DecodedDocuments, DelegatedRecords, PrefixDecoder, RecordChunk
from labelhouse.readers.envelope import EnvelopeParser
from labelhouse.readers.events import DocumentEnd, DocumentStart
from labelhouse.readers.structural_index import Brackets, BracketScanner
from labelhouse.reason_codes import Code

SplitEvent: TypeAlias = DocumentStart | RecordChunk | DelegatedRecords | DecodedDocuments | DocumentEnd
"""What a walk yields."""

_OUTSIDE_BYTES = 64 << 10
"""Up to this many bytes outside record arrays are scanned at a time; a longer array may be offered."""
_ARRAY_END = re.compile(rb"[ \t\r\n]*\]")
_MAX_MISSES = 8
"""Stop offering whole documents of a text after this many consecutive failures."""


def split_records(
    stream: BinaryIO, *, block_bytes: int, limits: Limits, prefix_decoder: PrefixDecoder | None = None
) -> Iterator[SplitEvent]:
    """Yield what a reader needs to know, in the order of the text, holding about one block.

    Each byte goes to one parser: the envelope's, its record chunk's, or the prefix decoder. The text
    is therefore JSON if all of them accept. A chunk that begins inside an array, or between documents, goes
    to the prefix decoder first. Only the rest is scanned for brackets.
    """
    walk = _Splitter(limits, prefix_decoder, block_bytes)
    # Bytes that have been read but not walked: a chunk's last record, which the next chunk completes.
    rest = b""
    offset = 0
    ends = False
    while not ends:
        # A chunk is as long as a block, and the first one long enough to show a text's encoding. If a chunk
        # did not end a record, as much again is read: the second scan costs no more than that.
        more = block_bytes if walk.waits else max(block_bytes, len(rest), 64)
        wanted = block_bytes - len(rest) if walk.cursor else more
        piece = _read(stream, wanted) if wanted > 0 else b""
        ends = wanted > 0 and not piece
        if ends and not rest:
            break
        if offset == 0 and not rest:
            refuse_other_formats(piece)
            piece = piece.removeprefix(BOM_UTF8)
        _refuse_other_white_space(piece, offset + len(rest))
        chunk = rest + piece
        yield from walk.take(chunk, offset, ends=ends)
        rest = chunk[walk.cursor :]
        offset += walk.cursor
        if not ends:
            walk.check_limits(len(rest), offset)
    walk.close(offset + len(rest))


class _Splitter:
    """Walk through a text chunk by chunk; each begins where `cursor` ended in the one before."""

    def __init__(self, limits: Limits, prefix_decoder: PrefixDecoder | None, block_bytes: int) -> None:
        self.cursor = 0
        self.waits = False
        """Whether the last chunk is to be offered once more, with another block behind it."""
        self._limits = limits
        self._prefix_decoder = prefix_decoder
        # The rest of a chunk counts against the limit on a record, so it must be no more than one record.
        self._may_stop = limits.record_bytes >= 2 * block_bytes
        self._scanner = BracketScanner()
        self._envelope = EnvelopeParser()
        self._array: RecordArray | None = None
        self._ended = False
        self._misses = 0
        self._offered_end = 0
        """Where the last chunk ended whose documents the prefix decoder refused."""

    def take(self, chunk: bytes, offset: int, *, ends: bool) -> Iterator[SplitEvent]:
        """Yield what the chunk at `offset` completes; a chunk that `ends` the text is the last one."""
        self.cursor = 0
        self.waits = False
        if ends or self._prefix_decoder is None:
            yield from self._scanned(chunk, offset, offers=False)
            return
        yield from self._decoded(chunk, offset, self._prefix_decoder)
        if self.cursor == 0:
            self.waits = self._waits_for_document(len(chunk), self._prefix_decoder)
            if self.waits:
                return
            offers = self._may_stop and self._misses < _MAX_MISSES
            # What can be offered need not be scanned for brackets; an array may end right here.
            is_outside = self._array is None or _ARRAY_END.match(chunk) is not None
            some = chunk[:_OUTSIDE_BYTES] if offers and is_outside else chunk
            yield from self._scanned(some, offset, offers=offers)

    def _waits_for_document(self, size: int, prefix_decoder: PrefixDecoder) -> bool:
        envelope = self._envelope
        is_offered = self._array is None and envelope.between_documents and self._misses < _MAX_MISSES
        return is_offered and prefix_decoder.wants_more(envelope.position + 1, size)

    def check_limits(self, rest_bytes: int, offset: int) -> None:
        """Raise InputError for a record or document that is too large; prepare for the next chunk."""
        envelope = self._envelope
        if self._array is not None:
            # The rest is scanned again with the text behind it: at its start only the array is open.
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
        """Raise InputError unless the text is complete; `offset` is its length in bytes."""
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

    def _decoded(self, chunk: bytes, offset: int, prefix_decoder: PrefixDecoder) -> Iterator[SplitEvent]:
        if self._array is not None:
            yield from self._array.decoded_prefix(chunk, offset, prefix_decoder)
            self.cursor = self._array.cursor
        elif self._envelope.between_documents:
            yield from self._documents(chunk, offset, prefix_decoder)

    def _documents(
        self, chunk: bytes, offset: int, prefix_decoder: PrefixDecoder
    ) -> Iterator[DecodedDocuments]:
        """Yield the documents that the prefix decoder takes; set `cursor` behind them."""
        envelope = self._envelope
        joint = (COMMA if envelope.wants_comma else SPACE).match(chunk)
        if joint is None or self._misses >= _MAX_MISSES or chunk[joint.end() : joint.end() + 1] != b"{":
            return
        found = prefix_decoder.documents(envelope.position + 1, chunk[joint.end() :])
        if found is None:
            self._offered_end = offset + len(chunk)
            return
        self._misses = 0
        envelope.pass_over(found.count)
        self.cursor = joint.end() + found.end
        # The text behind them is scanned, perhaps for the second time, with only the list open.
        self._scanner = BracketScanner(1)
        self._ended = False
        yield found

    def _scanned(self, chunk: bytes, offset: int, *, offers: bool) -> Iterator[SplitEvent]:
        """Yield what lies in the chunk; if the walk `offers`, stop at what has to be offered first."""
        envelope = self._envelope
        brackets = self._scanner.scan(chunk)
        _check_depth(brackets, offset, self._limits.depth)
        self._ended = _refuse_after_end(chunk, brackets, offset, self._ended)
        marks: Marks | None = None
        # The beginning of the chunk has been offered already.
        offered = envelope.between_documents
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
            if offers and not offered and envelope.between_documents:
                self._scanner = BracketScanner(1)
                self._ended = False
                return
            stop = marks.next_stop(self.cursor)
            for event in envelope.feed(chunk[self.cursor : stop], offset + self.cursor):
                if isinstance(event, Section):
                    self._array = RecordArray(event, envelope.position, envelope.document_pointer)
                else:
                    if isinstance(event, DocumentEnd):
                        offered = False
                        # If a document does not end in the chunk, it may not have been refused.
                        self._misses += offset + stop <= self._offered_end
                    yield event
            self.cursor = stop
            if offers and self._array is not None and not marks.closes_array(stop):
                return


def _read(stream: BinaryIO, size: int) -> bytes:
    """Return the next `size` bytes, however the stream divides them; fewer only at its end."""
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
    # yajl treats them as white space. JSON knows four kinds, and strings may hold none of these unescaped.
    for other in (b"\v", b"\f"):
        if (at := chunk.find(other)) >= 0:
            raise InputError(
                Code.JSON_SYNTAX, "not valid JSON", offset=offset + at, remedy="export it again"
            )


def _refuse_after_end(chunk: bytes, brackets: Brackets, offset: int, ended: bool) -> bool:
    """Raise InputError for anything but white space behind the bracket that closes the text.

    yajl would accept a string there that never ends. Returns whether the text has ended.
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


def check_depth(record_chunk: RecordChunk, limit: int) -> None:
    """Raise InputError if a decoded chunk is nested deeper than the limit; others are checked already."""
    if record_chunk.records is not None:
        # Nesting counts from the text's start: document, array, and the list around documents.
        brackets = BracketScanner(3 if record_chunk.document_pointer else 2).scan(record_chunk.text)
        _check_depth(brackets, record_chunk.offset, limit)


def _check_depth(brackets: Brackets, offset: int, limit: int) -> None:
    if brackets.depths.size and int(brackets.depths.max()) > limit:
        first = int((brackets.depths > limit).argmax())
        raise InputError(
            Code.LIMIT_DEPTH,
            f"values nested more than {limit} levels deep",
            offset=offset + int(brackets.positions[first]),
            remedy="no export nests that deep; look at what wrote the file",
        )
