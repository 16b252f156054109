"""The fast reader: msgspec decodes a block of records at once, number lists go straight to Arrow.

It refuses some blocks: one that is not a list of objects, a number beyond a double, half of a surrogate
pair, text that is not JSON. They go to the ijson reader, which reports what is wrong and where.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain
from operator import attrgetter
from typing import Any, BinaryIO

import msgspec

from labelhouse.coco.json_errors import may_hold_lone_surrogate
from labelhouse.coco.json_syntax import WHITE_SPACE
from labelhouse.coco.sections import Section
from labelhouse.coco.values import MISSING
from labelhouse.limits import BLOCK_BYTES, DEFAULT_LIMITS, Limits
from labelhouse.readers import ijson_reader
from labelhouse.readers.bulk_columns import DecodedAnswers, columns_of_records
from labelhouse.readers.bulk_decoder import RecordDecoder, RefusedError
from labelhouse.readers.bulk_documents import DocumentDecoder, RawOfDocuments, runs_of_equal_texts
from labelhouse.readers.chunks import (
    DecodedDocuments,
    DecodedPrefix,
    DelegatedRecords,
    PrefixDecoder,
    RecordChunk,
)
from labelhouse.readers.events import Block, DocumentEnd, DocumentStart, Event, RawRecords, Run
from labelhouse.readers.text_splitter import check_depth, split_records

_MIN_DEPTH = 16
"""Below this limit on nesting, which no export needs, every bracket is checked."""
_OUTER_DEPTH = 5
"""The greatest depth of values: in a list of documents, in an array, in a record, in its attributes."""


def read(
    stream: BinaryIO, *, block_bytes: int = BLOCK_BYTES, limits: Limits = DEFAULT_LIMITS
) -> Iterator[Event]:
    """Yield the events of one JSON text; see readers/events.py for the contract."""
    blocks = BulkBlocks(limits, block_bytes)
    yield from events_of(stream, blocks, blocks, block_bytes=block_bytes, limits=limits)


def events_of(
    stream: BinaryIO,
    blocks: "BulkBlocks",
    prefix_decoder: PrefixDecoder,
    *,
    block_bytes: int,
    limits: Limits,
) -> Iterator[Event]:
    """Yield the events of one JSON text; `prefix_decoder` finds its records and documents."""
    counts = blocks.counts
    for event in split_records(
        stream, block_bytes=block_bytes, limits=limits, prefix_decoder=prefix_decoder
    ):
        if isinstance(event, DecodedDocuments):
            yield from event.events
        elif isinstance(event, RecordChunk):
            block = blocks.block(event, counts[event.section])
            if block is None:
                check_depth(event, limits.depth)
                block = ijson_reader.block_of(event, counts[event.section])
            counts[event.section] += len(block.positions) + len(block.refused)
            yield block
        elif isinstance(event, DelegatedRecords):
            counts[event.section] += event.count
        else:
            counts.clear()
            if isinstance(event, DocumentStart):
                blocks.in_list = event.in_list
            yield event


class BulkBlocks:
    """Decode blocks of a text, as a chunks.PrefixDecoder, and learn the form of its records."""

    def __init__(self, limits: Limits, block_bytes: int) -> None:
        self.counts: Counter[Section] = Counter()
        """Records of the current document so far."""
        self.in_list = False
        self._depth = limits.depth
        self._records = {section: RecordDecoder(section) for section in Section}
        self._documents = DocumentDecoder(self._records)
        self._answers = DecodedAnswers()
        # Limits on a record, and on what is held of a document, are checked chunk by chunk.
        self._takes_documents = min(limits.record_bytes, limits.document_bytes) >= 2 * block_bytes

    def records(self, section: Section, document: int, text: bytes) -> DecodedPrefix | None:
        """Decode whole records from the start of a text."""
        return self._records[section].decoded_prefix(text) if self._depth >= _MIN_DEPTH else None

    def documents(self, position: int, text: bytes) -> DecodedDocuments | None:
        """Decode whole documents from the start of a text; the first is document `position` of the list."""
        if self._depth < _MIN_DEPTH or not self._takes_documents:
            return None
        found = self._documents.decoded_prefix(text)
        if found is None:
            return None
        return self._documents_of(found.records or (), position, text[: found.end])

    def wants_more(self, position: int, size: int) -> bool:
        """Return False: a longer document is taken section by section."""
        return False

    def whole_records(self, section: Section, text: bytes) -> list[Any] | None:
        """Decode a text that holds only whole records; None if it does not."""
        try:
            return self._records[section].decode(text)
        except (RefusedError, msgspec.DecodeError):
            return None

    def whole_documents(self, position: int, text: bytes) -> DecodedDocuments | None:
        """Decode a text that holds only whole documents; None if it does not."""
        try:
            return self._documents_of(self._documents.decode(text), position, text)
        except (RefusedError, msgspec.DecodeError):
            return None

    def block(self, record_chunk: RecordChunk, first: int) -> Block | None:
        """Return the block of a record chunk, or None if the ijson reader has to read it."""
        decoder = self._records[record_chunk.section]
        if may_hold_lone_surrogate(record_chunk.text):
            return None
        try:
            _check_text(record_chunk.text)
            records = record_chunk.records
            if records is None:
                records = decoder.decode(record_chunk.text)
            found = columns_of_records(record_chunk.section, records, decoder.others, self._answers)
        except (RefusedError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        # msgspec has no limit on nesting; number lists are exactly as deep as they have to be.
        if record_chunk.records is not None and found.depth + _OUTER_DEPTH > self._depth:
            return None
        return Block(
            record_chunk.section,
            [Run(record_chunk.document, len(records))],
            range(first, first + len(records)),
            found.columns,
            found.extra,
            RawRecords(record_chunk.text, record_chunk.spans),
            nulls=found.nulls,
        )

    def _documents_of(
        self, documents: Sequence[Any], position: int, text: bytes
    ) -> DecodedDocuments | None:
        try:
            events = self._events(documents, position, text)
        except (RefusedError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        return DecodedDocuments(events, len(documents), len(text))

    def _events(self, documents: Sequence[Any], first: int, text: bytes) -> list[Event]:
        """Return the events of whole documents. Raises RefusedError if this reader does not take them."""
        if may_hold_lone_surrogate(text):
            raise RefusedError
        _check_text(text)
        values = self._documents.values_of(documents, text, self._depth)
        events: list[Event] = [
            DocumentStart(first + index, in_list=True) for index in range(len(documents))
        ]
        for section in (Section.IMAGES, Section.ANNOTATIONS):
            events += self._section_block(section, documents, first, text)
        events += self._category_blocks(documents, first)
        present = {section: self._documents.present(documents, section) for section in Section}
        events += [
            DocumentEnd(
                first + index,
                frozenset(section for section in Section if present[section][index]),
                values[index],
            )
            for index in range(len(documents))
        ]
        return events

    def _section_block(
        self, section: Section, documents: Sequence[Any], first: int, text: bytes
    ) -> Iterator[Block]:
        lists = [() if found is MISSING else found for found in map(attrgetter(section.value), documents)]
        records = list(chain.from_iterable(lists))
        if not records:
            return
        others = self._records[section].others
        found = columns_of_records(section, records, others, self._answers)
        if found.depth + _OUTER_DEPTH > self._depth:
            raise RefusedError
        yield Block(
            section,
            [Run(first + index, len(rows)) for index, rows in enumerate(lists) if rows],
            list(chain.from_iterable(map(range, map(len, lists)))),
            found.columns,
            found.extra,
            RawOfDocuments(text, section),
            nulls=found.nulls,
        )

    def _category_blocks(self, documents: Sequence[Any], first: int) -> Iterator[Block]:
        decoder = self._records[Section.CATEGORIES]
        for array, indices in runs_of_equal_texts(documents):
            text = _inside(array)
            if not text:
                continue
            records = decoder.decode(text)
            found = columns_of_records(Section.CATEGORIES, records, decoder.others, self._answers)
            if found.depth + _OUTER_DEPTH > self._depth:
                raise RefusedError
            yield Block(
                Section.CATEGORIES,
                [Run(first + indices[0], len(records))],
                range(len(records)),
                found.columns,
                found.extra,
                RawRecords(text),
                nulls=found.nulls,
                also=[first + index for index in indices[1:]],
            )


def _inside(array: bytes) -> bytes:
    """Return the elements of an array. Raises RefusedError if the text is not an array."""
    if not (array.startswith(b"[") and array.endswith(b"]")):
        raise RefusedError
    return array[1:-1].strip(WHITE_SPACE)


def _check_text(text: bytes) -> None:
    if not text.isascii():
        # If a key stands twice in a record, only its last value is decoded.
        text.decode()
