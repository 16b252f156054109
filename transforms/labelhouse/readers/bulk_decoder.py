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
from labelhouse.readers.bulk_documents import (
    DocumentDecoder,
    RawOfDocuments,
    prefix_of_documents,
    runs_of_equal_texts,
)
from labelhouse.readers.bulk_records import RecordDecoder, RefusedError
from labelhouse.readers.chunks import ArrayPlace, RecordChunk
from labelhouse.readers.events import Block, DocumentEnd, DocumentStart, Event, RawRecords, Run
from labelhouse.texts.document_text import digest_of_text, urls_named

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
    """What is in `count` documents of a list, decoded from the start of a text, up to `end`."""

    blocks: Sequence[Block]
    document_ends: Sequence[DocumentEnd]
    end: int

    @property
    def count(self) -> int:
        """Return how many documents there are."""
        return len(self.document_ends)

    @property
    def events(self) -> list[Event]:
        """Return all events of the documents."""
        starts = [DocumentStart(end.position, in_list=True) for end in self.document_ends]
        return [*starts, *self.blocks, *self.document_ends]


@dataclass(frozen=True, slots=True)
class CutDocuments:
    """The texts of documents of a list up to `end`; the first is document `first`, at `offset`."""

    first: int
    texts: Sequence[msgspec.Raw]
    text: bytes
    offset: int
    end: int

    @property
    def count(self) -> int:
        """Return how many documents there are."""
        return len(self.texts)


BulkPrefix: TypeAlias = DecodedRecords | DecodedDocuments
_TEXTS = msgspec.json.Decoder(list[msgspec.Raw])
_TEXT = msgspec.json.Decoder(msgspec.Raw)
_MOST_OBJECTS = 5_000
"""A text with more objects is read by itself."""


class BulkDecoder:
    """Decode records and documents, as a chunks.PrefixDecoder, into the blocks of a reader.

    It remembers the keys and the answers that it has met, for speed only. Where a text is being read, a
    DocumentCursor knows.
    """

    def __init__(self, limits: Limits, block_bytes: int, *, digests: bool = False) -> None:
        self._digests = digests
        self._depth = limits.depth
        self._records = {section: RecordDecoder(section) for section in Section}
        self._documents = DocumentDecoder(self._records)
        self._answers = DecodedAnswers()
        # Limits on a record, and on what is held of a document, are checked chunk by chunk.
        self._most_bytes = min(limits.record_bytes, limits.document_bytes) // 2
        self._takes_documents = min(limits.record_bytes, limits.document_bytes) >= 2 * block_bytes

    def records(self, array: ArrayPlace, text: bytes, offset: int) -> DecodedRecords | None:
        """Decode whole records from the start of a text."""
        if self._depth < _MIN_DEPTH:
            return None
        prefix = self._records[array.section].decoded_prefix(text)
        if prefix is None:
            return None
        return DecodedRecords(RecordChunk(array, text[: prefix.end], offset), prefix.objects)

    def documents(self, position: int, text: bytes, offset: int) -> DecodedDocuments | None:
        """Decode whole documents from the start of a text; the first is document `position` of the list."""
        if self._depth < _MIN_DEPTH or not self._takes_documents:
            return None
        prefix = self._documents.decoded_prefix(text)
        if prefix is None:
            return None
        positions = range(position, position + len(prefix.objects))
        return self._documents_of(prefix.objects, positions, text[: prefix.end])

    def cut_documents(self, position: int, text: bytes, offset: int) -> CutDocuments | None:
        """Cut whole documents from the start of a text; nothing is known yet of what is in them."""
        if self._depth < _MIN_DEPTH or not self._takes_documents:
            return None
        prefix = prefix_of_documents(_cut, text)
        if prefix is None:
            return None
        return CutDocuments(position, prefix.objects, text, offset, prefix.end)

    def may_hold(self, size: int) -> bool:
        """Return whether a document of this size may be held as a text, by the limits."""
        return self._takes_documents and self._depth >= _MIN_DEPTH and size <= self._most_bytes

    def cut_text(self, text: bytes) -> tuple[bool, list[bytes]] | None:
        """Return whether a small text is a list, and the texts of its documents.

        Returns None for a text that needs the splitter, among them an object of several images, which may
        have to be split.
        """
        text = text.strip(WHITE_SPACE)
        in_list = text.startswith(b"[")
        if (
            self._depth < _MIN_DEPTH
            or not self._takes_documents
            or b"\v" in text
            or b"\f" in text
            or text.count(b"{") > _MOST_OBJECTS
            or not (in_list or _has_one_image(text))
        ):
            return None
        try:
            texts = [bytes(raw) for raw in (_TEXTS.decode(text) if in_list else [_TEXT.decode(text)])]
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        return (in_list, texts) if texts and all(one.startswith(b"{") for one in texts) else None

    def wants_more(self, position: int, size: int) -> bool:
        """Return False: a longer document is decoded section by section."""
        return False

    def whole_records(self, chunk: RecordChunk) -> DecodedRecords | None:
        """Decode a text that holds only whole records; None if it does not."""
        try:
            return DecodedRecords(chunk, self._records[chunk.array.section].decode(chunk.text))
        except (RefusedError, msgspec.DecodeError):
            return None

    def whole_documents(
        self, positions: Sequence[int], text: bytes, digests: Sequence[str] | None = None
    ) -> DecodedDocuments | None:
        """Decode a text that holds only whole documents; None if it does not."""
        try:
            documents = self._documents.decode(text)
            if len(documents) != len(positions):
                return None
            return self._documents_of(documents, positions, text, digests)
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
        self,
        documents: Sequence[Any],
        positions: Sequence[int],
        text: bytes,
        digests: Sequence[str] | None = None,
    ) -> DecodedDocuments | None:
        try:
            return self._decoded(documents, positions, text, digests)
        except (RefusedError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None

    def _decoded(
        self,
        documents: Sequence[Any],
        positions: Sequence[int],
        text: bytes,
        digests: Sequence[str] | None,
    ) -> DecodedDocuments:
        """Return what is in documents. Raises RefusedError if this reader does not take them."""
        if may_hold_lone_surrogate(text):
            raise RefusedError
        _check_text(text)
        values = self._documents.values_of(documents, text, self._depth)
        blocks = [
            block
            for section in (Section.IMAGES, Section.ANNOTATIONS)
            for block in self._section_block(section, documents, positions, text)
        ]
        blocks += self._category_blocks(documents, positions)
        present = {section: self._documents.present(documents, section) for section in Section}
        document_ends = [
            DocumentEnd(
                position,
                frozenset(section for section in Section if present[section][index]),
                values[index],
                digest=digest,
            )
            for index, (position, digest) in enumerate(
                zip(positions, self._digests_of(documents, text, digests), strict=True)
            )
        ]
        return DecodedDocuments(blocks, document_ends, len(text))

    def _digests_of(
        self, documents: Sequence[Any], text: bytes, digests: Sequence[str] | None
    ) -> Sequence[str | None]:
        """Return the digests of the texts, None for those that are not to be remembered."""
        if not self._digests:
            return [None] * len(documents)
        texts = [bytes(raw) for raw in _TEXTS.decode(b"[%b]" % text)]
        return [
            digest if (count := urls_named(text)) == 0 or count == _urls(document) else None
            for document, text, digest in zip(
                documents, texts, digests or map(digest_of_text, texts), strict=True
            )
        ]

    def _section_block(
        self, section: Section, documents: Sequence[Any], positions: Sequence[int], text: bytes
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
            [Run(position, len(rows)) for position, rows in zip(positions, lists, strict=True) if rows],
            list(chain.from_iterable(map(range, map(len, lists)))),
            block.columns,
            block.extra,
            RawOfDocuments(text, section),
            nulls=block.nulls,
        )

    def _category_blocks(self, documents: Sequence[Any], positions: Sequence[int]) -> Iterator[Block]:
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
                [Run(positions[indices[0]], len(records))],
                range(len(records)),
                block.columns,
                block.extra,
                RawRecords(text),
                nulls=block.nulls,
                also=[positions[index] for index in indices[1:]],
            )


def _has_one_image(text: bytes) -> bool:
    """Return whether a text has surely no more than one image with a name."""
    return text.startswith(b"{") and text.count(b'"file_name"') < 2 and b"\\u00" not in text


def _cut(text: bytes | memoryview) -> list[msgspec.Raw]:
    """Cut a text of documents joined by commas. Raises DecodeError, or RefusedError."""
    try:
        return _TEXTS.decode(b"".join((b"[", text, b"]")))
    except (UnicodeDecodeError, RecursionError):
        raise RefusedError from None


def _urls(document: Any) -> int:
    """Return how many images of a document have a `coco_url` that is a text."""
    images = () if document.images is MISSING else document.images
    return sum(image.coco_url.__class__ is str for image in images)


def _inside(array: bytes) -> bytes:
    """Return the elements of an array. Raises RefusedError if the text is not an array."""
    if not (array.startswith(b"[") and array.endswith(b"]")):
        raise RefusedError
    return array[1:-1].strip(WHITE_SPACE)


def _check_text(text: bytes) -> None:
    if not text.isascii():
        # If a key occurs twice in a record, only its last value is decoded.
        text.decode()
