"""The fast reader: msgspec decodes a block of records at once, number lists go straight to Arrow.

Small documents of a list are gathered and decoded together. Those whose text is known are not decoded. The
decoder refuses some blocks. They go to the ijson reader, which reports what is wrong and where.
"""

import io
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import BinaryIO, NamedTuple, TypeAlias

from labelhouse.coco.sections import Section
from labelhouse.errors import InputError
from labelhouse.limits import BLOCK_BYTES, DEFAULT_LIMITS, Limits
from labelhouse.readers import ijson_reader
from labelhouse.readers.array_splitter import COMMA
from labelhouse.readers.bulk.decoded import BulkPrefix, CutDocuments, DecodedDocuments, DecodedRecords
from labelhouse.readers.bulk.decoder import BulkDecoder
from labelhouse.readers.chunks import ArrayPlace, PrefixDecoder, RecordChunk
from labelhouse.readers.events import (
    Block,
    CompiledBlock,
    DocumentBlock,
    DocumentEnd,
    DocumentStart,
    Event,
    KnownDocument,
    KnownText,
    Recogniser,
    column_values,
    moved,
    records_of,
)
from labelhouse.readers.text_splitter import SplitEvent, check_depth, split_records
from labelhouse.texts.document_text import digest_of_text, urls_named

LONG_DOCUMENT_BYTES = 8 << 20
"""Documents of a list that are no longer than this can be recognised; more of the text is not held."""

_CutPrefix: TypeAlias = DecodedRecords | CutDocuments


def read(
    stream: BinaryIO,
    *,
    block_bytes: int = BLOCK_BYTES,
    limits: Limits = DEFAULT_LIMITS,
    recogniser: Recogniser | None = None,
    is_compiled: bool = False,
) -> Iterator[Event]:
    """Yield the events of one JSON text; see readers/events.py for the contract.

    With a recogniser, documents also get the digests of their texts. The compiled library reads labels if
    `is_compiled`, where it is installed.
    """
    decoder = BulkDecoder(limits, block_bytes, digests=recogniser is not None, is_compiled=is_compiled)
    yield from events_of(stream, decoder, block_bytes=block_bytes, limits=limits, recogniser=recogniser)


def events_of(
    stream: BinaryIO,
    decoder: BulkDecoder,
    *,
    block_bytes: int,
    limits: Limits,
    recogniser: Recogniser | None = None,
) -> Iterator[Event]:
    """Yield the events of one JSON text with a decoder that may have learnt the form of its records."""
    cursor = DocumentCursor(decoder, limits.depth)
    gathered = _GatheredDocuments(decoder, block_bytes, limits, recogniser)
    waits = LONG_DOCUMENT_BYTES if recogniser is not None else 0
    prefixes: PrefixDecoder[_CutPrefix] = _Cutter(decoder, waits=waits)
    splits = split_records(stream, block_bytes=block_bytes, limits=limits, prefix_decoder=prefixes)
    while True:
        try:
            split = next(splits, None)
        except InputError:
            # What is wrong with the documents before the error comes first.
            yield from gathered.events()
            raise
        if isinstance(split, CutDocuments):
            yield from gathered.add(split)
            continue
        yield from gathered.events()
        if split is None:
            return
        yield from cursor.events_of(split)


class DocumentCursor:
    """Follow the documents of one text: count the records of the current one, and number its blocks."""

    def __init__(self, decoder: BulkDecoder, max_depth: int) -> None:
        self.in_list = False
        """Whether the text is a list of documents."""
        self._decoder = decoder
        self._max_depth = max_depth
        self._counts: Counter[Section] = Counter()

    def count(self, section: Section) -> int:
        """Return how many records of a section of the current document have come."""
        return self._counts[section]

    def pass_over(self, section: Section, count: int) -> None:
        """Count records of the current document that are read elsewhere."""
        self._counts[section] += count

    def events_of(self, split: SplitEvent | BulkPrefix) -> Iterable[Event]:
        """Return the events that a part of the text makes."""
        if isinstance(split, DecodedDocuments):
            return split.block.events
        if isinstance(split, RecordChunk | DecodedRecords):
            block = self._block(split)
            self._counts[block.section] += records_of(block)
            return (block,)
        self._counts.clear()
        if isinstance(split, DocumentStart):
            self.in_list = split.in_list
        return (split,)

    def _block(self, split: RecordChunk | DecodedRecords) -> Block | CompiledBlock:
        chunk = split if isinstance(split, RecordChunk) else split.chunk
        first = self._counts[chunk.array.section]
        block = self._decoder.block(split, first)
        if block is None:
            check_depth(chunk, self._max_depth)
            block = ijson_reader.block_of(chunk, first)
        return block


class _Cutter:
    """Cut whole documents out of a text, and decode records; a chunks.PrefixDecoder.

    It waits for the end of documents of up to `waits` bytes.
    """

    def __init__(self, decoder: BulkDecoder, *, cuts: bool = True, waits: int = 0) -> None:
        self._decoder = decoder
        self._cuts = cuts
        self._waits = waits

    def records(self, array: ArrayPlace, text: bytes, offset: int) -> DecodedRecords | None:
        return self._decoder.records(array, text, offset)

    def documents(self, position: int, text: bytes, offset: int) -> CutDocuments | None:
        return self._decoder.cut_documents(position, text, offset) if self._cuts else None

    def wants_more(self, position: int, size: int) -> bool:
        return size < self._waits and self._decoder.may_hold(self._waits)


class _Gathered(NamedTuple):
    """A document that waits: its text at `offset`, or what is known of it."""

    position: int
    digest: str | None
    known: KnownText | None
    text: bytes
    offset: int


class _GatheredDocuments:
    """Gather documents that follow each other until a block of them is to be decoded.

    Documents that are known lie between those that are not, in the order of the text.
    """

    def __init__(
        self, decoder: BulkDecoder, block_bytes: int, limits: Limits, recogniser: Recogniser | None
    ) -> None:
        self._decoder = decoder
        self._block_bytes = block_bytes
        self._limits = limits
        self._recogniser = recogniser
        self._documents: list[_Gathered] = []
        self._bytes = 0

    def add(self, cut: CutDocuments) -> Iterator[Event]:
        """Take documents; yield the events of those that fill a block."""
        texts = [bytes(text) for text in cut.texts]
        digests: Sequence[str | None] = [None] * cut.count
        known: Sequence[KnownText | None] = digests  # type: ignore[assignment]
        if self._recogniser is not None:
            digests = of_texts = list(map(digest_of_text, texts))
            known = self._recogniser(cut.first, of_texts)
        at = 0
        for index, (text, digest, one) in enumerate(zip(texts, digests, known, strict=True)):
            if index and (joint := COMMA.match(cut.text, at)):
                at = joint.end()
            is_new = one is None
            if is_new and self._bytes and self._bytes + len(text) > self._block_bytes:
                yield from self.events()
            self._bytes += len(text) if is_new else 0
            kept = text if is_new else b""
            self._documents.append(_Gathered(cut.first + index, digest, one, kept, cut.offset + at))
            at += len(text)
        if not self._bytes:
            yield from self.events()

    def events(self) -> Iterator[Event]:
        """Yield the events of the documents that wait."""
        documents, self._documents, self._bytes = self._documents, [], 0
        if documents:
            yield from self._events(documents)

    def _events(self, documents: Sequence[_Gathered]) -> Iterator[Event]:
        new = [document for document in documents if document.known is None]
        is_long = any(len(document.text) > self._block_bytes for document in new)
        decoded = None if is_long else self._decoded(new)
        if decoded is None and len(documents) > 1:
            middle = len(documents) // 2
            yield from self._events(documents[:middle])
            yield from self._events(documents[middle:])
            return
        if decoded is None:
            yield from self._read_apart(documents[0])
            return
        known = [_known(document) for document in documents if document.known is not None]
        if new:
            yield replace(decoded.block, known=known)
        else:
            yield from known

    def _decoded(self, new: Sequence[_Gathered]) -> DecodedDocuments | None:
        if not new:
            return DecodedDocuments(DocumentBlock((), (), (), (), {}), 0)
        text = b",".join([document.text for document in new])
        digests = [document.digest for document in new if document.digest is not None]
        return self._decoder.whole_documents([document.position for document in new], text, digests or None)

    def _read_apart(self, document: _Gathered) -> Iterator[Event]:
        """Yield the events of a document that is long, or that the decoder refuses, section by section."""
        urls = urls_named(document.text)
        text = io.BytesIO(b"[%b]" % document.text)
        cursor = DocumentCursor(self._decoder, self._limits.depth)
        prefixes: PrefixDecoder[_CutPrefix] = _Cutter(self._decoder, cuts=False)
        try:
            for split in split_records(
                text, block_bytes=self._block_bytes, limits=self._limits, prefix_decoder=prefixes
            ):
                assert not isinstance(split, CutDocuments)
                for event in cursor.events_of(split):
                    if isinstance(event, Block) and event.section is Section.IMAGES and urls:
                        urls -= sum(
                            url.__class__ is str for url in column_values(event.columns["coco_url"])
                        )
                    if isinstance(event, DocumentEnd) and urls == 0:
                        event = replace(event, digest=document.digest)
                    yield moved(event, document.position)
        except InputError as error:
            if error.offset is not None:
                error.offset += document.offset - 1
            if error.pointer is not None:
                error.pointer = f"/{document.position}{error.pointer.removeprefix('/0')}"
            raise


def _known(document: _Gathered) -> KnownDocument:
    assert document.digest is not None
    assert document.known is not None
    return KnownDocument(document.position, document.digest, document.known)
