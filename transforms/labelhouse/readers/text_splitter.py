"""Split an export's bytes into those in arrays of records, chunk by chunk, and those outside."""

import re
from codecs import BOM_UTF8
from collections.abc import Iterator
from typing import BinaryIO, Generic, TypeAlias

from labelhouse.coco.json_errors import invalid_escape, refuse_other_formats
from labelhouse.coco.json_syntax import WHITE_SPACE
from labelhouse.coco.sections import Section
from labelhouse.errors import InputError
from labelhouse.limits import Limits
from labelhouse.readers.array_splitter import COMMA, SPACE, Marks, RecordArray
from labelhouse.readers.chunks import ArrayPlace, PrefixDecoder, RecordChunk, Taken
from labelhouse.readers.envelope import EnvelopeParser
from labelhouse.readers.events import DocumentEnd, DocumentStart
from labelhouse.readers.structural_index import Brackets, BracketScanner
from labelhouse.reason_codes import ReasonCode

SplitEvent: TypeAlias = DocumentStart | RecordChunk | DocumentEnd
"""What the splitter yields besides what a prefix decoder takes."""

_OUTSIDE_BYTES = 64 << 10
"""Up to this many bytes outside record arrays are scanned at a time; a longer array may be offered."""
_ARRAY_END = re.compile(rb"[ \t\r\n]*\]")
_MAX_MISSES = 8
"""Stop offering whole documents of a text after this many consecutive failures."""


def split_records(
    stream: BinaryIO,
    *,
    block_bytes: int,
    limits: Limits,
    prefix_decoder: PrefixDecoder[Taken] | None = None,
) -> Iterator[SplitEvent | Taken]:
    """Yield what a reader needs to know, in the order of the text, holding about one block.

    Each byte goes to one parser: the envelope's, its record chunk's, or the prefix decoder. The text
    is therefore JSON if all of them accept. A chunk that begins inside an array, or between documents, goes
    to the prefix decoder first. Only the rest is scanned for brackets.
    """
    splitter = _Splitter(limits, prefix_decoder, block_bytes)
    # Bytes that have been read but not taken: a chunk's last record, which the next chunk completes.
    rest = b""
    offset = 0
    ends = False
    # More than this of a rest is there only after the splitter has waited for a document.
    most = taken = block_bytes
    while not ends:
        # A chunk is as long as a block, and the first one long enough to show a text's encoding. If a chunk
        # did not end a record, as much again is read: the second scan costs no more than that.
        more = block_bytes if splitter.waits else max(block_bytes, len(rest), 64)
        wanted = block_bytes - len(rest) if splitter.cursor else more if taken == len(rest) else 0
        piece = read_block(stream, wanted) if wanted > 0 else b""
        is_all = wanted > 0 and not piece
        if is_all and not rest:
            break
        # What is left is a chunk like any other as long as the splitter takes something of it.
        ends = is_all and (prefix_decoder is None or splitter.cursor == 0)
        most = block_bytes if splitter.cursor else max(2 * most, block_bytes)
        if offset == 0 and not rest:
            refuse_other_formats(piece)
            if piece.startswith(BOM_UTF8):
                piece = piece.removeprefix(BOM_UTF8)
                offset = len(BOM_UTF8)
        refuse_other_white_space(piece, offset + len(rest))
        whole = rest + piece
        chunk = whole if ends or splitter.waits else whole[: max(most, len(piece))]
        taken = len(chunk)
        yield from splitter.take(chunk, offset, ends=ends)
        rest = whole[splitter.cursor :]
        offset += splitter.cursor
        if not ends:
            splitter.check_limits(len(rest), offset)
    splitter.close(rest, offset)


class _Splitter(Generic[Taken]):
    """Split a text chunk by chunk; each chunk begins where `cursor` ended in the one before.

    | the chunk begins   | offered to the prefix decoder | what it does not take                           |
    |--------------------|-------------------------------|-------------------------------------------------|
    | inside an array    | the array's next records      | scanned: cut behind the last record             |
    | between documents  | the next documents of a list  | waits if the decoder wants more, else scanned   |
    | elsewhere          | nothing                       | scanned: fed to the envelope up to an array     |

    Nothing is offered without a prefix decoder. The scan stops where the next chunk can be offered again.
    At the end of the text this goes on until nothing of the rest is taken; then all of it is scanned.
    """

    def __init__(
        self, limits: Limits, prefix_decoder: PrefixDecoder[Taken] | None, block_bytes: int
    ) -> None:
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

    def take(self, chunk: bytes, offset: int, *, ends: bool) -> Iterator[SplitEvent | Taken]:
        """Yield what the chunk at `offset` completes; a chunk that `ends` the text is the last one."""
        self.cursor = 0
        self.waits = False
        if ends or self._prefix_decoder is None:
            yield from self._scanned(chunk, offset, offers=False)
            return
        yield from self._offered(chunk, offset, self._prefix_decoder)
        if self.cursor == 0:
            self.waits = self._waits_for_document(len(chunk), self._prefix_decoder)
            if self.waits:
                return
            offers = self._may_stop and self._misses < _MAX_MISSES
            # What can be offered need not be scanned for brackets; an array may end right here.
            is_outside = self._array is None or _ARRAY_END.match(chunk) is not None
            some = chunk[:_OUTSIDE_BYTES] if offers and is_outside else chunk
            yield from self._scanned(some, offset, offers=offers)

    def _waits_for_document(self, size: int, prefix_decoder: PrefixDecoder[Taken]) -> bool:
        envelope = self._envelope
        is_offered = self._array is None and envelope.between_documents and self._misses < _MAX_MISSES
        return is_offered and prefix_decoder.wants_more(envelope.position + 1, size)

    def check_limits(self, rest_bytes: int, offset: int) -> None:
        """Raise InputError for a record or document that is too large; prepare for the next chunk."""
        envelope = self._envelope
        if self._array is not None:
            # The rest is scanned again with the text behind it: at its start only the array is open.
            self._scanner = BracketScanner(envelope.array_depth or 0)
            _check_record(self._array.place.pointer, offset, rest_bytes, self._limits.record_bytes)
        if envelope.fed_bytes > (most := self._limits.document_bytes):
            raise InputError(
                ReasonCode.LIMIT_DOCUMENT,
                f"more than {most:,} bytes outside images, categories and annotations",
                offset=offset,
                remedy="split the export",
            )

    def close(self, rest: bytes, start: int) -> None:
        """Raise InputError unless the text is complete; `rest`, at `start`, was not taken."""
        offset = start + len(rest)
        if offset == 0 or not self._envelope.begun:
            raise InputError(ReasonCode.EMPTY_INPUT, "the file is empty", remedy="export it again")
        if self._array is not None:
            if error := invalid_escape(rest, start, self._array.place.pointer):
                raise error
            raise InputError(
                ReasonCode.TRUNCATED,
                "the document ends early",
                offset=offset,
                remedy="download or export it again",
            )
        self._envelope.close(offset)

    def _offered(self, chunk: bytes, offset: int, prefix_decoder: PrefixDecoder[Taken]) -> Iterator[Taken]:
        if self._array is not None:
            for taken in self._array.offer(chunk, offset, prefix_decoder):
                self.cursor = self._array.cursor
                yield taken
        elif self._envelope.between_documents:
            yield from self._documents(chunk, offset, prefix_decoder)

    def _documents(
        self, chunk: bytes, offset: int, prefix_decoder: PrefixDecoder[Taken]
    ) -> Iterator[Taken]:
        """Yield what the prefix decoder makes of documents that it takes; set `cursor` behind them."""
        envelope = self._envelope
        joint = (COMMA if envelope.wants_comma else SPACE).match(chunk)
        if joint is None or self._misses >= _MAX_MISSES or chunk[joint.end() : joint.end() + 1] != b"{":
            return
        start = joint.end()
        taken = prefix_decoder.documents(envelope.position + 1, chunk[start:], offset + start)
        if taken is None:
            self._offered_end = offset + len(chunk)
            return
        self._misses = 0
        envelope.pass_over(taken.count)
        self.cursor = start + taken.end
        # The text behind them is scanned, perhaps for the second time, with only the list open.
        self._scanner = BracketScanner(1)
        self._ended = False
        yield taken

    def _scanned(self, chunk: bytes, offset: int, *, offers: bool) -> Iterator[SplitEvent]:
        """Yield what lies in the chunk; if the splitter `offers`, stop at what has to be offered first."""
        envelope = self._envelope
        brackets = self._scanner.scan(chunk)
        check_brackets(brackets, offset, self._limits.depth)
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
                    place = ArrayPlace(event, envelope.position, envelope.document_pointer)
                    self._array = RecordArray(place)
                else:
                    if isinstance(event, DocumentEnd):
                        offered = False
                        # If a document does not end in the chunk, it may not have been refused.
                        self._misses += offset + stop <= self._offered_end
                    yield event
            self.cursor = stop
            if offers and self._array is not None and not marks.closes_array(stop):
                return


def read_block(stream: BinaryIO, size: int) -> bytes:
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
            ReasonCode.LIMIT_RECORD,
            f"a record of more than {limit:,} bytes",
            offset=offset,
            pointer=pointer,
            remedy="no label is that large; look at what wrote the file",
        )


def refuse_other_white_space(chunk: bytes, offset: int) -> None:
    """Raise InputError for white space that JSON does not know."""
    # yajl treats them as white space. JSON knows four kinds, and strings may hold none of these unescaped.
    for other in (b"\v", b"\f"):
        if (at := chunk.find(other)) >= 0:
            raise InputError(
                ReasonCode.JSON_SYNTAX,
                "not valid JSON: a form feed or vertical tab",
                offset=offset + at,
                remedy="export it again",
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
            ReasonCode.TRAILING_DATA,
            "data after the end of the document",
            offset=offset + chunk.index(rest, start),
            remedy="a file holds one document or one list of documents",
        )
    return True


def check_depth(record_chunk: RecordChunk, limit: int) -> None:
    """Raise InputError if a chunk that has not been scanned is nested deeper than the limit."""
    if record_chunk.spans is None:
        # Nesting counts from the text's start: document, array, and the list around documents.
        brackets = BracketScanner(3 if record_chunk.array.document_pointer else 2).scan(record_chunk.text)
        check_brackets(brackets, record_chunk.offset, limit)


def check_brackets(brackets: Brackets, offset: int, limit: int) -> None:
    """Raise InputError if the brackets of a chunk at `offset` nest deeper than the limit."""
    if brackets.depths.size and int(brackets.depths.max()) > limit:
        first = int((brackets.depths > limit).argmax())
        raise InputError(
            ReasonCode.LIMIT_DEPTH,
            f"values nested more than {limit} levels deep",
            offset=offset + int(brackets.positions[first]),
            remedy="no export nests that deep; look at what wrote the file",
        )
