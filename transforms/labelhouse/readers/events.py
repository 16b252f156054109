"""The contract of a reader: a document starts, blocks of its records come, the document ends.

A document ends when all of its records have come. Several may be open at a time. Small documents of a list
come in a DocumentBlock, whole.

A reader is a function `read(stream, block_bytes=..., limits=...)` that yields these events for one JSON
text. It holds one block at a time and reads the stream to its end. It raises InputError (code, offset,
pointer; never document text) when the text is not JSON or not an export.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import BinaryIO, NamedTuple, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from labelhouse.coco.sections import RECORD_KEYS, Section
from labelhouse.coco.values import MISSING, Json, Missing
from labelhouse.compiled.annotations import CompiledLabels
from labelhouse.compiled.images import CompiledImages
from labelhouse.limits import BLOCK_BYTES, DEFAULT_LIMITS, Limits
from labelhouse.readers.structural_index import Spans, spans_of
from labelhouse.reason_codes import ReasonCode
from labelhouse.schema.table import Table


@dataclass(frozen=True, slots=True)
class Rings:
    """Segmentations: those that are lists of rings as list<list<double>>, all others as values by row.

    `array` is null for those others, and for null and missing.
    """

    array: pa.Array
    others: Mapping[int, Json]


@dataclass(frozen=True, slots=True)
class AttributeColumns:
    """Attributes of labels that have only Encord's attributes, one entry per label in each list.

    `present` is True for an object, None for null, and MISSING for no attributes. `own` has the values of
    attributes that are of their column's type, null or missing. Answers with the same spelling are one
    object in `classifications`.
    """

    present: Sequence[bool | Missing | None]
    own: Mapping[str, list[Json | Missing]]
    classifications: Sequence[Json | Missing]


class LabelAnswer(NamedTuple):
    """An answer of a label under its name in COCO, with the hashes of its question and option."""

    name: str
    value: Json
    feature_hash: str | None = None
    option_hash: str | None = None
    parent_feature_hash: str | None = None
    is_dynamic: bool | None = None


@dataclass(frozen=True, slots=True)
class AnswerColumns:
    """Attributes of labels whose answers are resolved: `codes` has the index in `sets` of each label's."""

    own: Mapping[str, list[Json | Missing]]
    codes: Sequence[int]
    sets: Sequence[Sequence[LabelAnswer]]


BlockColumn: TypeAlias = list[Json | Missing] | pa.Array | Rings | AttributeColumns | AnswerColumns
"""Values of one key, one per record: JSON values, or the result of a reader that decodes in bulk.

An Arrow array of numbers or number lists is null for both null and missing.
"""


@dataclass(frozen=True, slots=True)
class DocumentStart:
    """A document begins: its index in the text, and whether the text is a list of documents."""

    position: int
    in_list: bool


class RawTexts(Protocol):
    """The JSON text of each record of a block."""

    def __getitem__(self, row: int) -> bytes:
        """Return the text of one record."""
        ...


@dataclass(slots=True)
class RawRecords:
    """The JSON text of a block's records, one span each; missing spans are found at first use."""

    text: bytes
    _spans: Spans | None = None

    def __getitem__(self, row: int) -> bytes:
        """Return the JSON text of one record."""
        if self._spans is None:
            self._spans = spans_of(self.text)
        return self.text[self._spans.starts[row] : self._spans.ends[row]]


@dataclass(frozen=True, slots=True)
class Run:
    """`count` consecutive records of one document; `document` is its index in the text."""

    document: int
    records: int


@dataclass(frozen=True, slots=True)
class Refused:
    """A record that is JSON but that the reader cannot pass on, with its reason and text."""

    document: int
    position: int
    code: ReasonCode
    message: str
    raw: bytes
    place: str | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """Records of one section, as columns: those of one document, or of several small ones in a row.

    `runs` name the documents of the records, in order, and `positions` the records' indices in the section
    of their document. `also` are further documents with exactly the same records as the block's only run.
    `columns` has every key of RECORD_KEYS, each as long as `positions`. For columns that are not lists,
    `nulls` has the rows that are null rather than missing. `extra` has the other keys of each record, None
    where there are none, and `raw` the text of each. `refused` are records of the same chunk that are in no
    column. A block of categories has one run. A reader of label rows gives `more` columns of the table by
    their names, and the `places` of the records: JSON pointers within their document.
    """

    section: Section
    runs: Sequence[Run]
    positions: Sequence[int]
    columns: Mapping[str, BlockColumn]
    extra: Sequence[dict[str, Json] | None]
    raw: RawTexts
    refused: Sequence[Refused] = field(default=())
    nulls: Mapping[str, Sequence[int]] = field(default_factory=dict)
    also: Sequence[int] = field(default=())
    more: Mapping[str, pa.Array] = field(default_factory=dict)
    places: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class CompiledBlock:
    """Labels that the compiled library read, as columns of the tables; `runs` and `positions` as in Block.

    `others` are the records between them that it declined.
    """

    runs: Sequence[Run]
    positions: npt.NDArray[np.int64]
    labels: CompiledLabels
    others: Block | None = None

    @property
    def section(self) -> Section:
        """The section of the records."""
        return Section.ANNOTATIONS


@dataclass(frozen=True, slots=True)
class CompiledImageBlock:
    """Images that the compiled library read, as CompiledBlock has labels."""

    runs: Sequence[Run]
    positions: npt.NDArray[np.int64]
    images: CompiledImages
    others: Block | None = None

    @property
    def section(self) -> Section:
        """The section of the records."""
        return Section.IMAGES


AnyBlock: TypeAlias = Block | CompiledBlock | CompiledImageBlock


@dataclass(frozen=True, slots=True)
class DocumentEnd:
    """A document is complete: the sections that it had, and every other top-level key.

    A section that is null instead of an array is one of the other keys. A label row says its document_id
    and media type itself. `digest` is that of its text, if another text with this digest means the same
    (texts/document_text).
    """

    position: int
    sections: frozenset[Section]
    values: dict[str, Json]
    document_id: str | None = None
    media_type: str | None = None
    digest: str | None = None


@dataclass(frozen=True, slots=True)
class TableRows:
    """Rows of a table that COCO has no section for, without their document_key.

    `documents` has the index of each row's document in its text.
    """

    table: Table
    documents: Sequence[int]
    columns: Mapping[str, pa.Array]


@dataclass(frozen=True, slots=True)
class DocumentIssue:
    """An issue of a document as a whole, or of a place in it that is in no section."""

    document: int
    code: ReasonCode
    message: str
    place: str


class KnownText(NamedTuple):
    """What became of a document's text when it was read before.

    `document_id` is None if the id comes from the place of the document.
    """

    fingerprint: str
    document_id: str | None
    issues: int


@dataclass(frozen=True, slots=True)
class KnownDocument:
    """A document whose text is known comes where it would start: no block comes for it, and no end."""

    position: int
    digest: str
    known: KnownText


@dataclass(frozen=True, slots=True)
class DocumentHeaders:
    """What documents have besides their sections, as columns.

    `titles` are the descriptions of `info` that are texts, `extras` each document's values as JSON, as
    coco/json_text writes it, and `is_encord` is whether `info` is as Encord alone writes it. Of documents
    whose values are somewhere else a column holds null or False.
    """

    titles: pa.Array
    extras: pa.Array
    is_encord: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class DocumentBlock:
    """Whole documents of a list, with all their records: it stands for their starts, blocks and ends.

    `positions` rise, and the documents between them are the `known` ones. `sections` and `digests` are as
    in DocumentEnd, one for each document. `values` are those of documents by their index here; the
    `headers` say the same of all others.
    """

    positions: Sequence[int]
    blocks: Sequence[AnyBlock]
    sections: Sequence[frozenset[Section]]
    digests: Sequence[str | None]
    values: Mapping[int, dict[str, Json]]
    headers: DocumentHeaders | None = None
    known: Sequence[KnownDocument] = field(default=())

    def end(self, index: int) -> DocumentEnd:
        """Return the end of the document at an index."""
        values = self.values.get(index)
        if values is None:
            assert self.headers is not None
            text = self.headers.extras[index].as_py()
            values = {} if text is None else json.loads(text)
        return DocumentEnd(self.positions[index], self.sections[index], values, digest=self.digests[index])

    @property
    def events(self) -> "list[Event]":
        """Return the events that it stands for."""
        starts = [DocumentStart(position, in_list=True) for position in self.positions]
        begun: list[DocumentStart | KnownDocument] = sorted(
            [*starts, *self.known], key=lambda event: event.position
        )
        return [*begun, *self.blocks, *map(self.end, range(len(self.positions)))]


Event: TypeAlias = DocumentStart | AnyBlock | DocumentEnd | KnownDocument | DocumentBlock
RowEvent: TypeAlias = Event | TableRows | DocumentIssue
"""What the reader of label rows yields."""


class Recogniser(Protocol):
    """Recognise documents that need not be decoded."""

    def __call__(self, first: int, digests: Sequence[str]) -> Sequence[KnownText | None]:
        """Return what is known of the documents of a list; the first is document `first` of the list."""
        ...


class Reader(Protocol):
    """Read one JSON text into events."""

    def __call__(
        self, stream: BinaryIO, *, block_bytes: int = BLOCK_BYTES, limits: Limits = DEFAULT_LIMITS
    ) -> Iterator[Event]:
        """Yield the events of `stream`, reading it to its end without seeking."""
        ...


def records_of(block: Block | CompiledBlock) -> int:
    """Return how many records a block has."""
    if isinstance(block, CompiledBlock):
        return block.labels.records
    return len(block.positions) + len(block.refused)


def moved(event: Event, by: int) -> Event:
    """Return the event of a document that comes `by` documents later in its text."""
    if isinstance(event, Block):
        return replace(
            event,
            runs=[replace(run, document=run.document + by) for run in event.runs],
            refused=[replace(refused, document=refused.document + by) for refused in event.refused],
            also=[document + by for document in event.also],
        )
    if isinstance(event, CompiledBlock | CompiledImageBlock):
        runs = [replace(run, document=run.document + by) for run in event.runs]
        others = event.others and moved(event.others, by)
        assert others is None or isinstance(others, Block)
        return replace(event, runs=runs, others=others)
    if isinstance(event, DocumentBlock):
        blocks = [moved(block, by) for block in event.blocks]
        return replace(
            event,
            positions=[position + by for position in event.positions],
            blocks=[block for block in blocks if isinstance(block, AnyBlock)],
            known=[replace(known, position=known.position + by) for known in event.known],
        )
    return replace(event, position=event.position + by)


def columns_of(
    section: Section, records: Sequence[dict[str, Json]]
) -> tuple[dict[str, BlockColumn], list[dict[str, Json] | None]]:
    """Convert records to the columns of a block and the rest of each record; the records are emptied."""
    present = set(chain.from_iterable(records))
    columns: dict[str, BlockColumn] = {
        key: [record.pop(key, MISSING) for record in records]
        if key in present
        else [MISSING] * len(records)
        for key in RECORD_KEYS[section]
    }
    return columns, [record or None for record in records]


def column_values(column: BlockColumn) -> Sequence[object]:
    """Return the values of a column of texts; none for one that a decoder has taken apart."""
    return column if isinstance(column, list) else ()
