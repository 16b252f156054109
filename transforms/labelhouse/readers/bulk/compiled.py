"""Decode records and documents with the compiled library, and with msgspec what it declines."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import msgspec
import numpy as np

from labelhouse.coco.json_errors import may_hold_lone_surrogate
from labelhouse.coco.sections import Section
from labelhouse.coco.values import Json
from labelhouse.compiled.annotations import CompiledLabels, Integers, read_labels
from labelhouse.compiled.documents import CompiledDocuments, read_documents
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
from labelhouse.readers.events import Block, CompiledBlock, DocumentBlock, RawRecords, Run, column_values

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
        values: list[dict[str, Json]] = [{} for _ in positions]
        known: dict[bytes, Json] = {}
        for document, key, raw in read.others(text):
            if raw not in known:
                known[raw] = document_value(raw, self._depth)
            values[document][key] = known[raw]
        images = self._image_block(read, positions, text)
        blocks: list[Block | CompiledBlock] = [] if images is None else [images]
        if read.labels.records:
            blocks.append(self._label_block(_Split(read.labels, text, positions, read.label_counts, 0)))
        blocks += self._category_blocks(read.texts(text, "category"), positions)
        its_digests: Sequence[str | None] = [None] * len(positions)
        if with_digests:
            its_digests = kept_digests(read.texts(text, ""), _urls(images, read.image_counts), digests)
        block = DocumentBlock(positions, blocks, read.sections(), its_digests, dict(enumerate(values)))
        return DecodedDocuments(block, len(text))

    def _image_block(self, read: CompiledDocuments, positions: Sequence[int], text: bytes) -> Block | None:
        inside = b",".join(filter(None, read.texts(text, "image")))
        if not inside:
            return None
        block = self._decoded_block(Section.IMAGES, inside)
        counts = read.image_counts.tolist()
        if sum(counts) != len(block.positions):
            raise RefusedError
        runs = [Run(position, count) for position, count in zip(positions, counts, strict=True) if count]
        return Block(
            Section.IMAGES,
            runs,
            list(chain.from_iterable(map(range, counts))),
            block.columns,
            block.extra,
            block.raw,
            nulls=block.nulls,
        )

    def _category_blocks(self, texts: Sequence[bytes], positions: Sequence[int]) -> Iterator[Block]:
        documents: dict[bytes, list[int]] = {}
        for position, text in zip(positions, texts, strict=True):
            if text:
                documents.setdefault(text, []).append(position)
        for text, its_documents in documents.items():
            if inside := inside_of(text):
                block = self._decoded_block(Section.CATEGORIES, inside)
                yield Block(
                    Section.CATEGORIES,
                    [Run(its_documents[0], len(block.positions))],
                    block.positions,
                    block.columns,
                    block.extra,
                    block.raw,
                    nulls=block.nulls,
                    also=its_documents[1:],
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

    def _label_block(self, split: "_Split", records: list[Any] | None = None) -> Block | CompiledBlock:
        """Return the block of labels, with that of the records that were declined.

        `records` are those if they have been decoded. Raises RefusedError if they are not taken.
        """
        labels = split.labels
        others: Block | None = None
        if labels.declined.size:
            block = self._decoded_block(
                Section.ANNOTATIONS, b",".join(labels.declined_texts(split.text)), records
            )
            others = Block(
                Section.ANNOTATIONS,
                split.runs(labels.declined),
                split.positions(labels.declined).tolist(),
                block.columns,
                block.extra,
                block.raw,
                nulls=block.nulls,
            )
        if others is not None and not labels.rows.size:
            return others
        return CompiledBlock(split.runs(labels.rows), split.positions(labels.rows), labels, others)

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


@dataclass(frozen=True, slots=True)
class _Split:
    """Records of documents that were read to labels and to records that were declined.

    `counts` are the records of each of `documents`. The first record of each document is record `first` of
    its section.
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


def _urls(images: Block | None, counts: Integers) -> Sequence[int]:
    """Return how many images of each document have a `coco_url` that is a text."""
    if images is None:
        return [0] * len(counts)
    values = column_values(images.columns["coco_url"])
    ends = np.cumsum([0, *(value.__class__ is str for value in values)])
    bounds = np.cumsum([0, *counts.tolist()])
    own: Sequence[int] = (ends[bounds[1:]] - ends[bounds[:-1]]).tolist()
    return own
