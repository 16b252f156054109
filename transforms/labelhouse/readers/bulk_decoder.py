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
import numpy as np

from labelhouse.coco.json_errors import may_hold_lone_surrogate
from labelhouse.coco.json_syntax import WHITE_SPACE
from labelhouse.coco.sections import Section
from labelhouse.coco.values import MISSING
from labelhouse.compiled.annotations import CompiledLabels, Integers, read_labels
from labelhouse.compiled.library import library
from labelhouse.limits import Limits
from labelhouse.readers.bulk_columns import BlockColumns, DecodedAnswers, columns_of_records
from labelhouse.readers.bulk_documents import (
    DocumentDecoder,
    RawOfDocuments,
    prefix_of_documents,
    runs_of_equal_texts,
)
from labelhouse.readers.bulk_records import RecordDecoder, RefusedError
from labelhouse.readers.chunks import ArrayPlace, RecordChunk
from labelhouse.readers.events import (
    Block,
    CompiledBlock,
    DocumentEnd,
    DocumentStart,
    Event,
    RawRecords,
    Run,
)
from labelhouse.texts.document_text import digest_of_text, urls_named

_MIN_DEPTH = 16
"""Below this limit on nesting, which no export needs, every bracket is checked."""
_COMPILED_DEPTH = 32
"""Below this limit on nesting, which no export needs, the compiled library is not used."""
_OUTER_DEPTH = 5
"""The greatest depth of values: in a list of documents, in an array, in a record, in its attributes."""


@dataclass(frozen=True, slots=True)
class DecodedRecords:
    """A chunk of records, and what they were decoded to.

    If there are `labels`, the compiled library has read the chunk, and has declined the `records`.
    """

    chunk: RecordChunk
    records: list[Any]
    labels: CompiledLabels | None = None

    @property
    def count(self) -> int:
        """Return how many records there are."""
        return len(self.records) if self.labels is None else self.labels.records

    @property
    def end(self) -> int:
        """Return the length of their text."""
        return len(self.chunk.text)


@dataclass(frozen=True, slots=True)
class DecodedDocuments:
    """What is in `count` documents of a list, decoded from the start of a text, up to `end`."""

    blocks: Sequence[Block | CompiledBlock]
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

    def __init__(
        self, limits: Limits, block_bytes: int, *, digests: bool = False, is_compiled: bool = False
    ) -> None:
        self._digests = digests
        self._most_attributes = limits.attributes
        self._is_compiled = is_compiled and library() is not None and limits.depth >= _COMPILED_DEPTH
        self._depth = limits.depth
        self._records = {section: RecordDecoder(section) for section in Section}
        self._documents = DocumentDecoder(self._records, is_compiled=self._is_compiled)
        self._answers = DecodedAnswers()
        # Limits on a record, and on what is held of a document, are checked chunk by chunk.
        self._most_bytes = min(limits.record_bytes, limits.document_bytes) // 2
        self._takes_documents = min(limits.record_bytes, limits.document_bytes) >= 2 * block_bytes

    def records(self, array: ArrayPlace, text: bytes, offset: int) -> DecodedRecords | None:
        """Decode whole records from the start of a text."""
        if self._depth < _MIN_DEPTH:
            return None
        if self._is_compiled and array.section is Section.ANNOTATIONS:
            labels = read_labels(text, self._most_attributes, may_end_early=True)
            if labels is not None:
                chunk = RecordChunk(array, text[: labels.end], offset)
                if (taken := self._with_declined(chunk, labels)) is not None:
                    return taken
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
        if self._is_compiled and chunk.array.section is Section.ANNOTATIONS:
            labels = read_labels(chunk.text, self._most_attributes)
            if labels is not None and (taken := self._with_declined(chunk, labels)) is not None:
                return taken
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

    def block(self, records: RecordChunk | DecodedRecords, first: int) -> Block | CompiledBlock | None:
        """Return the block of records, or None if the ijson reader has to read them.

        The first one is record `first` of its section.
        """
        if isinstance(records, RecordChunk) and records.array.section is Section.ANNOTATIONS:
            records = self.whole_records(records) or records
        if isinstance(records, RecordChunk) or records.labels is None:
            return self._block(records, first)
        chunk, labels = records.chunk, records.labels
        try:
            _check_text(chunk.text)
            counts = np.array([labels.records])
            split = _Split(labels, chunk.text, [chunk.array.document], counts, first)
            return self._compiled_block(split, records.records)
        except (RefusedError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            # The declined records hold what only the ijson reader takes: it reads all of the chunk.
            return None

    def _block(self, records: RecordChunk | DecodedRecords, first: int) -> Block | None:
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
            *self._section_block(Section.IMAGES, documents, positions, text),
            *(
                self._label_blocks(documents, positions)
                if self._is_compiled
                else self._section_block(Section.ANNOTATIONS, documents, positions, text)
            ),
            *self._category_blocks(documents, positions),
        ]
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
        block = self._columns(section, records)
        yield Block(
            section,
            [Run(position, len(rows)) for position, rows in zip(positions, lists, strict=True) if rows],
            list(chain.from_iterable(map(range, map(len, lists)))),
            block.columns,
            block.extra,
            RawOfDocuments(text, section),
            nulls=block.nulls,
        )

    def _label_blocks(
        self, documents: Sequence[Any], positions: Sequence[int]
    ) -> Iterator[Block | CompiledBlock]:
        """Yield the labels of documents whose annotations are texts."""
        texts = [bytes(document.annotations) for document in documents]
        insides = [_inside(text) if text else b"" for text in texts]
        with_labels = [index for index, inside in enumerate(insides) if inside]
        if not with_labels:
            return
        joined = b",".join([insides[index] for index in with_labels])
        lengths = np.fromiter((len(insides[index]) for index in with_labels), np.int64, len(with_labels))
        ends = np.cumsum(lengths + 1) - 1
        labels = read_labels(joined, self._most_attributes, starts=ends - lengths, ends=ends)
        its_positions = [positions[index] for index in with_labels]
        decoder = self._records[Section.ANNOTATIONS]
        if labels is not None:
            yield self._compiled_block(_Split(labels, joined, its_positions, labels.counts, 0))
            return
        lists = [decoder.decode(insides[index]) for index in with_labels]
        records = list(chain.from_iterable(lists))
        # Each list was decoded with the keys that were known then.
        records = decoder.decode(joined)
        block = self._columns(Section.ANNOTATIONS, records)
        yield Block(
            Section.ANNOTATIONS,
            [Run(position, len(rows)) for position, rows in zip(its_positions, lists, strict=True) if rows],
            list(chain.from_iterable(map(range, map(len, lists)))),
            block.columns,
            block.extra,
            RawRecords(joined),
            nulls=block.nulls,
        )

    def _with_declined(self, chunk: RecordChunk, labels: CompiledLabels) -> DecodedRecords | None:
        """Return the labels of a chunk with the records that were declined, None if those are not taken."""
        records: list[Any] = []
        if labels.declined.size:
            text = b",".join(labels.declined_texts(chunk.text))
            try:
                records = self._records[Section.ANNOTATIONS].decode(text)
            except (RefusedError, msgspec.DecodeError):
                return None
        return DecodedRecords(chunk, records, labels)

    def _compiled_block(self, split: "_Split", records: list[Any] | None = None) -> Block | CompiledBlock:
        """Return the block of labels, with that of the records that were declined.

        `records` are those if they have been decoded. Raises RefusedError if they are not taken.
        """
        labels = split.labels
        others: Block | None = None
        if labels.declined.size:
            text = b",".join(labels.declined_texts(split.text))
            if may_hold_lone_surrogate(text):
                raise RefusedError
            if records is None:
                records = self._records[Section.ANNOTATIONS].decode(text)
            block = self._columns(Section.ANNOTATIONS, records)
            others = Block(
                Section.ANNOTATIONS,
                split.runs(labels.declined),
                split.positions(labels.declined).tolist(),
                block.columns,
                block.extra,
                RawRecords(text),
                nulls=block.nulls,
            )
        if others is not None and not labels.rows.size:
            return others
        return CompiledBlock(split.runs(labels.rows), split.positions(labels.rows), labels, others)

    def _columns(self, section: Section, records: Sequence[Any]) -> BlockColumns:
        """Return the columns of decoded records. Raises RefusedError if they are nested too deep."""
        block = columns_of_records(section, records, self._records[section].others, self._answers)
        if block.depth + _OUTER_DEPTH > self._depth:
            raise RefusedError
        return block

    def _category_blocks(self, documents: Sequence[Any], positions: Sequence[int]) -> Iterator[Block]:
        decoder = self._records[Section.CATEGORIES]
        for array, indices in runs_of_equal_texts(documents):
            text = _inside(array)
            if not text:
                continue
            records = decoder.decode(text)
            block = self._columns(Section.CATEGORIES, records)
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


@dataclass(frozen=True, slots=True)
class _Split:
    """Records of documents that were read to labels and to records that were declined.

    `counts` are the records of each of `documents`. The first record of a text is record `first` of its
    section, the first of every other document record 0.
    """

    labels: CompiledLabels
    text: bytes
    documents: Sequence[int]
    counts: Integers
    first: int

    def runs(self, rows: Integers) -> list[Run]:
        """Return the runs of records of each document; `rows` are their indices in the text."""
        counts = np.bincount(self._documents_of(rows), minlength=len(self.documents)).tolist()
        return [
            Run(document, count) for document, count in zip(self.documents, counts, strict=True) if count
        ]

    def positions(self, rows: Integers) -> Integers:
        """Return the index of each record in the section of its document."""
        starts = np.cumsum(self.counts) - self.counts
        positions: Integers = rows - starts[self._documents_of(rows)] + self.first
        return positions

    def _documents_of(self, rows: Integers) -> Integers:
        documents: Integers = np.searchsorted(np.cumsum(self.counts), rows, side="right")
        return documents


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
