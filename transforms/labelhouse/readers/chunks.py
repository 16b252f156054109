"""Chunks of whole records, and the decoder that finds where records or documents end by decoding them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from labelhouse.coco.sections import Section
from labelhouse.readers.events import Event
from labelhouse.readers.structural_index import Spans


@dataclass(frozen=True, slots=True)
class RecordChunk:
    """Whole consecutive elements of one record array, as text without its outer brackets.

    White space, commas and scalars lie between the spans. `offset` is the text's place in the stream. If
    the prefix decoder has decoded the elements, `records` holds them, and no spans have been found.
    """

    section: Section
    document: int
    document_pointer: str
    text: bytes
    offset: int
    spans: Spans | None = None
    records: list[Any] | None = None

    @property
    def pointer(self) -> str:
        """Return the JSON pointer of the array."""
        return f"{self.document_pointer}/{self.section.value}"


@dataclass(frozen=True, slots=True)
class DecodedPrefix:
    """`count` elements of an array, decoded from the start of a text, which end at offset `end`.

    `records` is None if another process decodes them.
    """

    records: list[Any] | None
    end: int
    count: int


@dataclass(frozen=True, slots=True)
class DelegatedRecords:
    """`count` records of a section that another process decodes."""

    section: Section
    count: int


@dataclass(frozen=True, slots=True)
class DecodedDocuments:
    """The events of `count` documents of a list, decoded from the start of a text, up to `end`."""

    events: Sequence[Event]
    count: int
    end: int


class PrefixDecoder(Protocol):
    """Decode from the start of a text as many records, or documents of a list, as it surely holds.

    Each method returns None for what it does not take: it may have a reason of its own, or the text may be
    wrong.
    """

    def records(self, section: Section, document: int, text: bytes) -> DecodedPrefix | None:
        """Decode records of the document at index `document`."""
        ...

    def documents(self, position: int, text: bytes) -> DecodedDocuments | None:
        """Decode documents; the first is document `position` of the list."""
        ...

    def wants_more(self, position: int, size: int) -> bool:
        """Return whether it takes a document of more than the `size` bytes that it has seen."""
        ...
