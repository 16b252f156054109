"""Decode records and whole documents of a text at once, into columns.

The decoder refuses a text that is not a list of objects, a number beyond a double, half of a surrogate
pair, text that is not JSON.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import attrgetter
from typing import Any, TypeAlias

import msgspec

from labelhouse.coco.json_errors import may_hold_lone_surrogate
from labelhouse.coco.json_syntax import WHITE_SPACE
from labelhouse.coco.sections import Section
from labelhouse.coco.values import MISSING
from labelhouse.limits import Limits
from labelhouse.readers.bulk_columns import DecodedAnswers, columns_of_records
from labelhouse.readers.bulk_documents import DocumentDecoder, RawOfDocuments, runs_of_equal_texts
from labelhouse.readers.bulk_records import RecordDecoder, RefusedError
from labelhouse.readers.chunks import ArrayPlace, RecordChunk
from labelhouse.readers.events import Block, DocumentEnd, DocumentStart, Event, RawRecords, Run

_MIN_DEPTH = 16
"""Below this limit on nesting, which no export needs, every bracket is checked."""
_OUTER_DEPTH = 5
"""The greatest depth of values: in a list of documents, in an array, in a record, in its attributes."""


@dataclass(frozen=True, slots=True)
class DecodedRecords:
    """A chunk of records, and what they were decoded to."""

    chunk: RecordChunk
    records: list[Any]

    @property
    def count(self) -> int:
        """Return how many records there are."""
        return len(self.records)

    @property
    def end(self) -> int:
        """Return the length of their text."""
        return len(self.chunk.text)


@dataclass(frozen=True, slots=True)
class DecodedDocuments:
    """The events of `count` documents of a list, decoded from the start of a text, up to `end`."""

    events: Sequence[Event]
    count: int
    end: int


BulkPrefix: TypeAlias = DecodedRecords | DecodedDocuments


class BulkDecoder:
    """Decode records and documents, as a chunks.PrefixDecoder, into the blocks of a reader.

    It remembers the keys and the answers that it has met, for speed only. Where a text is being read, a
    DocumentCursor knows.
    """

    def __init__(self, limits: Limits, block_bytes: int) -> None:
        self._depth = limits.depth
        self._records = {section: RecordDecoder(section) for section in Section}
        self._documents = DocumentDecoder(self._records)
        self._answers = DecodedAnswers()
        # Limits on a record, and on what is held of a document, are checked chunk by chunk.
        self._takes_documents = min(limits.record_bytes, limits.document_bytes) >= 2 * block_bytes

    def records(self, array: ArrayPlace, text: bytes, offset: int) -> DecodedRecords | None:
        """Decode whole records from the start of a text."""
        if self._depth < _MIN_DEPTH:
            return None
        prefix = self._records[array.section].decoded_prefix(text)
        if prefix is None:
            return None
        return DecodedRecords(RecordChunk(array, text[: prefix.end], offset), prefix.objects)

    def documents(self, position: int, text: bytes) -> DecodedDocuments | None:
        """Decode whole documents from the start of a text; the first is document `position` of the list."""
        if self._depth < _MIN_DEPTH or not self._takes_documents:
            return None
        prefix = self._documents.decoded_prefix(text)
        if prefix is None:
            return None
        return self._documents_of(prefix.objects, position, text[: prefix.end])

    def wants_more(self, position: int, size: int) -> bool:
        """Return False: a longer document is decoded section by section."""
        return False

    def whole_records(self, chunk: RecordChunk) -> DecodedRecords | None:
        """Decode a text that holds only whole records; None if it does not."""
        try:
            return DecodedRecords(chunk, self._records[chunk.array.section].decode(chunk.text))
        except (RefusedError, msgspec.DecodeError):
            return None

    def whole_documents(self, position: int, text: bytes) -> DecodedDocuments | None:
        """Decode a text that holds only whole documents; None if it does not."""
        try:
            return self._documents_of(self._documents.decode(text), position, text)
        except (RefusedError, msgspec.DecodeError):
            return None

    def block(self, records: RecordChunk | DecodedRecords, first: int) -> Block | None:
        """Return the block of records, or None if the ijson reader has to read them.

        The first one is record `first` of its section.
        """
        chunk = records if isinstance(records, RecordChunk) else records.chunk
        section = chunk.array.section
        decoder = self._records[section]
        if may_hold_lone_surrogate(chunk.text):
            return None
        try:
            _check_text(chunk.text)
            decoded = records.records if isinstance(records, DecodedRecords) else decoder.decode(chunk.text)
            block = columns_of_records(section, decoded, decoder.others, self._answers)
        except (RefusedError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        # msgspec has no limit on nesting; number lists are exactly as deep as they have to be.
        if chunk.spans is None and block.depth + _OUTER_DEPTH > self._depth:
            return None
        return Block(
            section,
            [Run(chunk.array.document, len(decoded))],
            range(first, first + len(decoded)),
            block.columns,
            block.extra,
            RawRecords(chunk.text, chunk.spans),
            nulls=block.nulls,
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
        sections = map(attrgetter(section.value), documents)
        lists = [() if records is MISSING else records for records in sections]
        records = list(chain.from_iterable(lists))
        if not records:
            return
        others = self._records[section].others
        block = columns_of_records(section, records, others, self._answers)
        if block.depth + _OUTER_DEPTH > self._depth:
            raise RefusedError
        yield Block(
            section,
            [Run(first + index, len(rows)) for index, rows in enumerate(lists) if rows],
            list(chain.from_iterable(map(range, map(len, lists)))),
            block.columns,
            block.extra,
            RawOfDocuments(text, section),
            nulls=block.nulls,
        )

    def _category_blocks(self, documents: Sequence[Any], first: int) -> Iterator[Block]:
        decoder = self._records[Section.CATEGORIES]
        for array, indices in runs_of_equal_texts(documents):
            text = _inside(array)
            if not text:
                continue
            records = decoder.decode(text)
            block = columns_of_records(Section.CATEGORIES, records, decoder.others, self._answers)
            if block.depth + _OUTER_DEPTH > self._depth:
                raise RefusedError
            yield Block(
                Section.CATEGORIES,
                [Run(first + indices[0], len(records))],
                range(len(records)),
                block.columns,
                block.extra,
                RawRecords(text),
                nulls=block.nulls,
                also=[first + index for index in indices[1:]],
            )


def _inside(array: bytes) -> bytes:
    """Return the elements of an array. Raises RefusedError if the text is not an array."""
    if not (array.startswith(b"[") and array.endswith(b"]")):
        raise RefusedError
    return array[1:-1].strip(WHITE_SPACE)


def _check_text(text: bytes) -> None:
    if not text.isascii():
        # If a key occurs twice in a record, only its last value is decoded.
        text.decode()
