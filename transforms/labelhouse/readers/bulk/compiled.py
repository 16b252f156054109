"""Decode records and documents with the compiled library, and with msgspec what it declines."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

import msgspec
import numpy as np

from labelhouse.coco.json_errors import may_hold_lone_surrogate
from labelhouse.coco.sections import Section
from labelhouse.coco.values import Json
from labelhouse.compiled.annotations import CompiledLabels, Integers, read_labels
from labelhouse.compiled.documents import CompiledDocuments, read_documents
from labelhouse.compiled.images import CompiledImages
from labelhouse.compiled.library import library
from labelhouse.limits import Limits
from labelhouse.readers.bulk.columns import DecodedAnswers
from labelhouse.readers.bulk.decoded import (
    DecodedDocuments,
    DecodedRecords,
    check_text,
    checked_columns,
    inside_of,
    kept_digests,
)
from labelhouse.readers.bulk.documents import document_value
from labelhouse.readers.bulk.records import RecordDecoder, RefusedError
from labelhouse.readers.chunks import ArrayPlace, RecordChunk
from labelhouse.readers.events import (
    AnyBlock,
    Block,
    CompiledBlock,
    CompiledImageBlock,
    DocumentBlock,
    DocumentHeaders,
    RawRecords,
    Run,
    column_values,
)

_MIN_DEPTH = 32
"""Below this limit on nesting, which no export needs, the compiled library is not used."""
_REFUSALS = (RefusedError, msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def may_be_compiled(limits: Limits) -> bool:
    """Return whether the compiled library is there and keeps to the limits."""
    return library() is not None and limits.depth >= _MIN_DEPTH


class CompiledDecoder:
    """Decode into blocks whose labels the library read; None stands for a text that it does not take."""

    def __init__(
        self, records: Mapping[Section, RecordDecoder], answers: DecodedAnswers, limits: Limits
    ) -> None:
        self._records = records
        self._answers = answers
        self._depth = limits.depth
        self._most_attributes = limits.attributes
        self._categories: dict[bytes, Block] = {}
        """The categories of the documents that were read last, by their texts."""

    def records_from_start(self, array: ArrayPlace, text: bytes, offset: int) -> DecodedRecords | None:
        """Read labels from the start of a text, as many as are whole."""
        labels = read_labels(text, self._most_attributes, may_end_early=True)
        if labels is None:
            return None
        return self._with_declined(RecordChunk(array, text[: labels.end], offset), labels)

    def records(self, chunk: RecordChunk) -> DecodedRecords | None:
        """Read a text of labels."""
        labels = read_labels(chunk.text, self._most_attributes)
        return None if labels is None else self._with_declined(chunk, labels)

    def block(self, records: DecodedRecords, first: int) -> Block | CompiledBlock | None:
        """Return the block of labels that were read; the first is record `first` of its section."""
        chunk, labels = records.chunk, records.labels
        assert labels is not None
        split = _Split(labels, chunk.text, [chunk.array.document], np.array([labels.records]), first)
        try:
            check_text(chunk.text)
            return self._label_block(split, records.records)
        except _REFUSALS:
            return None

    def documents(
        self,
        positions: Sequence[int],
        text: bytes,
        digests: Sequence[str] | None = None,
        *,
        with_digests: bool = False,
    ) -> DecodedDocuments | None:
        """Read whole documents, `with_digests` of their texts where those may be remembered."""
        read = read_documents(text, self._most_attributes)
        if read is None or read.count != len(positions):
            return None
        try:
            check_text(text)
            return self._decoded(read, positions, text, digests, with_digests)
        except _REFUSALS:
            return None

    def _decoded(
        self,
        read: CompiledDocuments,
        positions: Sequence[int],
        text: bytes,
        digests: Sequence[str] | None,
        with_digests: bool,
    ) -> DecodedDocuments:
        values: dict[int, dict[str, Json]] = {document: {} for document in read.declined}
        known: dict[bytes, Json] = {}
        for document, key, raw in read.declined_values(text):
            if raw not in known:
                known[raw] = document_value(raw, self._depth)
            values[document][key] = known[raw]
        blocks: list[AnyBlock] = []
        own_urls = np.zeros(read.images.records, np.int64)
        if read.images.records:
            split = _Split(read.images, text, positions, read.image_counts, 0)
            images = self._image_block(split)
            own_urls[read.images.rows] = read.images.columns["coco_url"].is_valid().to_numpy(False)
            if (others := images if isinstance(images, Block) else images.others) is not None:
                values_of_urls = column_values(others.columns["coco_url"])
                own_urls[read.images.declined] = [value.__class__ is str for value in values_of_urls]
            blocks.append(images)
        if read.labels.records:
            blocks.append(self._label_block(_Split(read.labels, text, positions, read.label_counts, 0)))
        blocks += self._category_blocks(read.categories(text), positions)
        its_digests: Sequence[str | None] = [None] * len(positions)
        if with_digests:
            ends = np.append(0, np.cumsum(own_urls))[np.append(0, np.cumsum(read.image_counts))]
            its_digests = kept_digests(text, read.spans, np.diff(ends).tolist(), digests)
        headers = DocumentHeaders(read.titles, read.extras, read.is_encord)
        block = DocumentBlock(positions, blocks, read.sections(), its_digests, values, headers)
        return DecodedDocuments(block, len(text))

    def _category_blocks(self, texts: Sequence[bytes], positions: Sequence[int]) -> Iterator[Block]:
        documents: dict[bytes, list[int]] = {}
        for position, text in zip(positions, texts, strict=True):
            if text:
                documents.setdefault(text, []).append(position)
        known, self._categories = self._categories, {}
        for text, its_documents in documents.items():
            if inside := inside_of(text):
                block = known.get(text) or self._decoded_block(Section.CATEGORIES, inside)
                self._categories[text] = block
                runs = [Run(its_documents[0], len(block.positions))]
                yield replace(block, runs=runs, also=its_documents[1:])

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

    def _label_block(
        self, split: "_Split[CompiledLabels]", records: list[Any] | None = None
    ) -> Block | CompiledBlock:
        """Return the block of labels, with that of the records that were declined.

        `records` are those if they have been decoded. Raises RefusedError if they are not taken.
        """
        labels = split.records
        others = self._declined_block(Section.ANNOTATIONS, split, records)
        if others is not None and not labels.rows.size:
            return others
        return CompiledBlock(split.runs(labels.rows), split.positions(labels.rows), labels, others)

    def _image_block(self, split: "_Split[CompiledImages]") -> Block | CompiledImageBlock:
        """Return the block of images as `_label_block` returns that of labels."""
        images = split.records
        others = self._declined_block(Section.IMAGES, split)
        if others is not None and not images.rows.size:
            return others
        return CompiledImageBlock(split.runs(images.rows), split.positions(images.rows), images, others)

    def _declined_block(
        self, section: Section, split: "_Split[Any]", records: list[Any] | None = None
    ) -> Block | None:
        """Return the block of the records that were declined, None if there are none."""
        declined = split.records.declined
        if not declined.size:
            return None
        text = b",".join(split.records.declined_texts(split.text))
        block = self._decoded_block(section, text, records)
        return Block(
            section,
            split.runs(declined),
            split.positions(declined).tolist(),
            block.columns,
            block.extra,
            block.raw,
            nulls=block.nulls,
        )

    def _decoded_block(self, section: Section, text: bytes, records: list[Any] | None = None) -> Block:
        """Return the block of records of one document. Raises RefusedError, or what decoding raises."""
        if may_hold_lone_surrogate(text):
            raise RefusedError
        decoder = self._records[section]
        if records is None:
            records = decoder.decode(text)
        block = checked_columns(section, records, decoder, self._answers, self._depth)
        return Block(
            section,
            [Run(0, len(records))],
            range(len(records)),
            block.columns,
            block.extra,
            RawRecords(text),
            nulls=block.nulls,
        )


_Read = TypeVar("_Read", CompiledLabels, CompiledImages)


@dataclass(frozen=True, slots=True)
class _Split(Generic[_Read]):
    """Records of documents that were read, or were declined.

    `counts` are the records of each of `documents`. The first record of each document is record `first` of
    its section.
    """

    records: _Read
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
