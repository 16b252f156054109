"""Chunks of whole records, and the decoder that finds where records or documents end by decoding them."""

from dataclasses import dataclass
from typing import Protocol, TypeVar

from labelhouse.coco.sections import Section
from labelhouse.readers.structural_index import Spans


@dataclass(frozen=True, slots=True)
class ArrayPlace:
    """One record array of a text; `document` is its document's index in the text."""

    section: Section
    document: int
    document_pointer: str

    @property
    def pointer(self) -> str:
        """Return the JSON pointer of the array."""
        return f"{self.document_pointer}/{self.section.value}"


@dataclass(frozen=True, slots=True)
class RecordChunk:
    """Whole consecutive elements of one record array, as text without its outer brackets.

    White space, commas and scalars lie between the spans, which are None if they have not been searched.
    `offset` is the text's place in the stream.
    """

    array: ArrayPlace
    text: bytes
    offset: int
    spans: Spans | None = None


class TakenPrefix(Protocol):
    """What a prefix decoder made of the first `count` elements of a text, which end at offset `end`."""

    @property
    def count(self) -> int:
        """Records, or documents of a list."""
        ...

    @property
    def end(self) -> int:
        """Offset behind the last of them."""
        ...


Taken = TypeVar("Taken", bound=TakenPrefix, covariant=True)


class PrefixDecoder(Protocol[Taken]):
    """Take from the start of a text as many records, or documents of a list, as it surely holds.

    The splitter passes on what each method returns. None stands for what the decoder does not take: it may
    have a reason of its own, or the text may be wrong.
    """

    def records(self, array: ArrayPlace, text: bytes, offset: int) -> Taken | None:
        """Take records of an array; `offset` is the text's place in the stream."""
        ...

    def documents(self, position: int, text: bytes, offset: int) -> Taken | None:
        """Take documents; the first is document `position` of the list, `offset` the text's place."""
        ...

    def wants_more(self, position: int, size: int) -> bool:
        """Return whether it takes a document of more than the `size` bytes that it has seen."""
        ...
