"""What a decoder made of a text: records, documents or texts of documents."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import msgspec

from labelhouse.coco.json_syntax import WHITE_SPACE
from labelhouse.coco.sections import Section
from labelhouse.compiled.annotations import CompiledLabels
from labelhouse.readers.bulk.columns import BlockColumns, DecodedAnswers, columns_of_records
from labelhouse.readers.bulk.records import RecordDecoder, RefusedError
from labelhouse.readers.chunks import RecordChunk
from labelhouse.readers.events import DocumentBlock
from labelhouse.texts.document_text import digest_of_text, urls_named

OUTER_DEPTH = 5
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
    """Documents of a list, decoded from the start of a text, up to `end`."""

    block: DocumentBlock
    end: int

    @property
    def count(self) -> int:
        """Return how many documents there are."""
        return len(self.block.positions)


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


def checked_columns(
    section: Section,
    records: Sequence[Any],
    decoder: RecordDecoder,
    answers: DecodedAnswers,
    max_depth: int,
) -> BlockColumns:
    """Return the columns of decoded records. Raises RefusedError if they are nested too deep."""
    block = columns_of_records(section, records, decoder.others, answers)
    if block.depth + OUTER_DEPTH > max_depth:
        raise RefusedError
    return block


def inside_of(array: bytes) -> bytes:
    """Return the elements of an array. Raises RefusedError if the text is not an array."""
    if not (array.startswith(b"[") and array.endswith(b"]")):
        raise RefusedError
    return array[1:-1].strip(WHITE_SPACE)


def check_text(text: bytes) -> None:
    """Raise UnicodeDecodeError for a text that is not UTF-8."""
    if not text.isascii():
        # If a key occurs twice in a record, only its last value is decoded.
        text.decode()


def kept_digests(
    text: bytes, spans: Sequence[tuple[int, int]], urls: Iterable[int], digests: Sequence[str] | None
) -> Sequence[str | None]:
    """Return the digests of documents, None for those that are not to be remembered.

    `spans` are where each document lies in the text, `urls` how many of its images have a `coco_url`.
    `digests` are given if they are known.
    """
    if digests is None:
        digests = [digest_of_text(text[start:end]) for start, end in spans]
    if b"?" not in text:
        return digests
    return [
        digest if (count := urls_named(text[start:end])) == 0 or count == own_urls else None
        for (start, end), own_urls, digest in zip(spans, urls, digests, strict=True)
    ]
