"""The contract of a reader: a document starts, blocks of its records come, the document ends.

A reader is a function `read(stream, block_bytes=..., limits=...)` that yields these events for one JSON
text. It holds one block at a time, reads the stream to its end, and raises InputError (code, offset,
pointer; never document text) when the text is not JSON or not an export.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from itertools import chain
from typing import BinaryIO, Final, Protocol, TypeAlias

import pyarrow as pa

from labelhouse.codes import Code
from labelhouse.limits import Limits

DEFAULT_LIMITS = Limits()

BLOCK_BYTES = 1 << 20
"""Bytes that a reader takes from its stream at a time; a block of records is about as large."""

Json: TypeAlias = str | int | float | bool | list["Json"] | dict[str, "Json"] | None


class Missing(Enum):
    """The value of a key that a record does not have, as opposed to null."""

    MISSING = "missing"


MISSING: Final = Missing.MISSING

Column: TypeAlias = list[Json | Missing] | pa.Array
"""Values of one key, one a record: JSON values, or the Arrow array of a reader that decodes in bulk."""


class Section(StrEnum):
    """The arrays of records of a COCO document."""

    IMAGES = "images"
    CATEGORIES = "categories"
    ANNOTATIONS = "annotations"


RECORD_KEYS: Final[Mapping[Section, tuple[str, ...]]] = {
    Section.IMAGES: (
        "id",
        "file_name",
        "width",
        "height",
        "coco_url",
        "image_title",
        "video_title",
    ),
    Section.CATEGORIES: ("id", "name", "supercategory", "keypoints", "skeleton"),
    Section.ANNOTATIONS: (
        "id",
        "image_id",
        "category_id",
        "bbox",
        "area",
        "iscrowd",
        "segmentation",
        "keypoints",
        "num_keypoints",
        "track_id",
        "score",
        "attributes",
    ),
}
"""Keys that a block delivers as columns; every other key of a record is in its `extra`."""


@dataclass(frozen=True, slots=True)
class DocumentStart:
    """A document begins: its index in the text, and whether the text is a list of documents."""

    position: int
    in_list: bool


@dataclass(frozen=True, slots=True)
class RawRecords:
    """The JSON text of a block's records, one span each."""

    text: bytes
    starts: Sequence[int]
    ends: Sequence[int]

    def __getitem__(self, row: int) -> bytes:
        """Return the JSON text of one record."""
        return self.text[self.starts[row] : self.ends[row]]


@dataclass(frozen=True, slots=True)
class Refused:
    """A record that is JSON but that the reader cannot hand on, with its reason and text."""

    position: int
    code: Code
    message: str
    raw: bytes


@dataclass(frozen=True, slots=True)
class Block:
    """Consecutive records of one section, as columns.

    `positions` are the records' indices in their section. `columns` has every key of RECORD_KEYS, each
    as long as `positions`; `extra` the other keys of each record, None where there are none; `raw`
    the text of each record. `refused` are records of the same stretch that are in no column.
    """

    section: Section
    positions: Sequence[int]
    columns: Mapping[str, Column]
    extra: Sequence[dict[str, Json] | None]
    raw: RawRecords
    refused: Sequence[Refused] = field(default=())


@dataclass(frozen=True, slots=True)
class DocumentEnd:
    """A document is complete: its sections that were present, and every other top-level key."""

    position: int
    sections: frozenset[Section]
    values: dict[str, Json]


Event: TypeAlias = DocumentStart | Block | DocumentEnd


class Reader(Protocol):
    """Read one JSON text into events."""

    def __call__(
        self, stream: BinaryIO, *, block_bytes: int = BLOCK_BYTES, limits: Limits = DEFAULT_LIMITS
    ) -> Iterator[Event]:
        """Yield the events of `stream`, which is read to its end and never seeked."""
        ...


def columns_of(
    section: Section, records: Sequence[dict[str, Json]]
) -> tuple[dict[str, Column], list[dict[str, Json] | None]]:
    """Turn records into the columns of a block and what is left of each; the records are emptied."""
    present = set(chain.from_iterable(records))
    columns: dict[str, Column] = {
        key: [record.pop(key, MISSING) for record in records]
        if key in present
        else [MISSING] * len(records)
        for key in RECORD_KEYS[section]
    }
    return columns, [record or None for record in records]
