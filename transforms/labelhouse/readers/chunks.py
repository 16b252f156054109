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

    What lies between the spans is white space, commas, or scalars. `offset` is the text's place in the
    stream. Where the prefix decoder has decoded the elements, they are in `records`, and nothing has
    looked for spans.
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
    """So many elements of an array, decoded from the start of a text, which end at `end` of it.

    `records` is None if another process decodes them.
    """

    records: list[Any] | None
    end: int
    count: int


@dataclass(frozen=True, slots=True)
class DelegatedRecords:
    """So many records of a section that another process decodes."""

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

    Each returns None for whatever it does not take, be it for a reason of its own or because it is wrong.
    """

    def records(self, section: Section, document: int, text: bytes) -> DecodedPrefix | None:
        """Decode records of the n-th document."""
        ...

    def documents(self, position: int, text: bytes) -> DecodedDocuments | None:
        """Decode documents, the first of which is the n-th of the list."""
        ...

    def wants_more(self, position: int, size: int) -> bool:
        """Tell whether it takes the n-th document if it is longer than `size` bytes, which it has seen."""
        ...
