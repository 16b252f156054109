"""Read what documents have as label rows, part by part: each is a stream that is read once, in order."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec
import pyarrow as pa

from labelhouse.exporting.columns import parts_of, values_of
from labelhouse.exporting.document_chunks import Pace, batches_of, chunk_statement, document_chunks
from labelhouse.exporting.documents import ChosenDocument, RowPlaces
from labelhouse.exporting.label_rows.stored_layout import USUAL_FRAME, FrameContent, frame_content
from labelhouse.label_rows.rebuilding.objects import History, StoredRange
from labelhouse.label_rows.rebuilding.patches import ABSENT, ON_FRAMES, Rebuilt
from labelhouse.label_rows.row_values import ROW_TEXTS
from labelhouse.lake.snapshot_connection import Connection
from labelhouse.schema.arrow_types import BIGINT

_BATCH_ROWS = 2_048
_ROW_COLUMNS = ("client_metadata", "ontology", "extra", "layout")
_TIMES = pa.timestamp("us", "UTC")
_T = TypeVar("_T")


class Frame(NamedTuple):
    """An image as a frame of its unit."""

    position: int
    key: str
    content: FrameContent


class RowLabel(NamedTuple):
    """A label as its label row has it; `changes` is the text of a patch."""

    position: int
    image_id: int | None
    category_id: int | None
    object_hash: str | None
    feature_hash: str | None
    history: History
    object_number: int | None
    geometry: str | None
    changes: str | None


class RowClassification(NamedTuple):
    """A classification of a row."""

    position: int
    key: str
    feature_hash: str | None
    name: str | None
    history: History
    changes: str | None


class RowAnswer(NamedTuple):
    """A choice that answers a question."""

    position: int
    owner: str
    owner_hash: str
    entry: int
    name: str | None
    value: Any
    feature_hash: str | None
    option_hash: str | None
    option_value: str | None
    manual_annotation: bool | None
    dynamic: bool | None
    choices: int
    changes: str | None


class RowRange(NamedTuple):
    """A range and the position of its owner."""

    owner_position: int
    range: StoredRange


class Ahead(Generic[_T]):
    """Records of one document after the other; `peek` shows the next one."""

    def __init__(self, records: Iterator[tuple[int, _T]]) -> None:
        self._records = records
        self._next = next(records, None)

    def take(self, document: int, is_wanted: Callable[[_T], bool]) -> Iterator[_T]:
        """Yield records of a document as long as they are wanted."""
        while (record := self.peek(document)) is not None and is_wanted(record):
            self._next = next(self._records, None)
            yield record

    def peek(self, document: int) -> _T | None:
        """Return the next record of a document; records of earlier documents are left behind."""
        while self._next is not None and self._next[0] < document:
            self._next = next(self._records, None)
        return self._next[1] if self._next is not None and self._next[0] == document else None


def changes_of(text: str | None) -> Rebuilt:
    """Return a patch from its text; values stay texts, except for the patch's own keys."""
    if text is None:
        return {}
    changes: Rebuilt = dict(parts_of(text))
    if ABSENT in changes:
        changes[ABSENT] = msgspec.json.decode(changes[ABSENT])
    if ON_FRAMES in changes:
        changes[ON_FRAMES] = changes_of(bytes(changes[ON_FRAMES]).decode())
    return changes


@dataclass(slots=True)
class RowStreams:
    """Read the parts of label rows; `chunk_rows` at a time, or as many as take TARGET_BYTES."""

    connection: Connection
    documents: Sequence[ChosenDocument]
    places: Mapping[int, RowPlaces]
    chunk_rows: int | None = None

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield the row of the table label_rows of each document."""
        for document, batch in self._batches("exporting/row_documents", lambda _: 1, {}):
            # Times of the row are in `extra` as they came.
            for values in batch.select([*ROW_TEXTS, *_ROW_COLUMNS]).to_pylist():
                yield {**values, "category_set": self.documents[document].category_set}

    def frames(self) -> Ahead[Frame]:
        """Return the images."""

        def frames(batch: pa.RecordBatch) -> Iterator[Frame]:
            for position, number, text in _zipped(batch, "position", "frame", "row_extra"):
                content = USUAL_FRAME if text is None else frame_content(text)
                key = "" if number is None else str(number)
                yield Frame(position, key if content.frame is None else content.frame, content)

        return self._stream("exporting/row_images", lambda d: d.image_places, frames)

    def labels(self) -> Ahead[RowLabel]:
        """Return the labels; those that are on no frame come last."""

        def labels(batch: pa.RecordBatch) -> Iterator[RowLabel]:
            ids = _zipped(batch, "position", "image_id", "category_id", "encord_track_uuid", "feature_hash")
            rest = _zipped(batch, "object_number", "geometry", "row_extra")
            for one, history, more in zip(ids, _histories(batch), rest, strict=True):
                yield RowLabel._make((*one, history, *more))

        return self._stream("exporting/row_labels", lambda d: d.annotation_places, labels)

    def classifications(self) -> Ahead[RowClassification]:
        """Return the classifications."""

        def classifications(batch: pa.RecordBatch) -> Iterator[RowClassification]:
            ids = _zipped(batch, "position", "classification_hash", "feature_hash", "name")
            for one, history, text in zip(ids, _histories(batch), values_of(batch["extra"]), strict=True):
                yield RowClassification._make((*one, history, text))

        places = self.places
        return self._stream(
            "exporting/row_classifications", lambda d: places[d.key].classifications, classifications
        )

    def answers(self) -> Ahead[RowAnswer]:
        """Return the answers."""

        def answers(batch: pa.RecordBatch) -> Iterator[RowAnswer]:
            kinds = values_of(batch["value_type"])
            for kind, one in zip(kinds, _zipped(batch, *RowAnswer._fields[:-1], "extra"), strict=True):
                answer = RowAnswer(*one)
                if kind != "string" and answer.value is not None:
                    answer = answer._replace(value=msgspec.Raw(answer.value.encode()))
                yield answer

        return self._stream("exporting/row_answers", lambda d: self.places[d.key].answers, answers)

    def ranges(self, owner: str) -> Ahead[RowRange]:
        """Return the ranges of annotations, classifications or answers."""

        def ranges(batch: pa.RecordBatch) -> Iterator[RowRange]:
            for position, start, end, unit, html, space in _zipped(
                batch, "owner_position", "range_start", "range_end", "unit", "html", "space"
            ):
                value: Any = None if start is None else [start, end]
                if html is not None:
                    value = msgspec.Raw(html.encode())
                yield RowRange(position, StoredRange(space, value, unit == "html"))

        return self._stream(
            "exporting/row_ranges", lambda d: self.places[d.key].ranges, ranges, {"owner": owner}
        )

    def _stream(
        self,
        name: str,
        places: Callable[[ChosenDocument], int],
        records: Callable[[pa.RecordBatch], Iterator[_T]],
        parameters: Mapping[str, object] = {},
    ) -> Ahead[_T]:
        return Ahead(
            (document, record)
            for document, batch in self._batches(name, places, parameters)
            for record in records(batch)
        )

    def _batches(
        self, name: str, places: Callable[[ChosenDocument], int], parameters: Mapping[str, object]
    ) -> Iterator[tuple[int, pa.RecordBatch]]:
        """Yield rows of one document after the other."""
        pace = Pace() if self.chunk_rows is None else Pace(self.chunk_rows, is_fixed=True)
        for chunk in document_chunks(self.documents, places, pace):
            own = chunk.document_keys() if name == "exporting/row_documents" else chunk.parameters()
            rows = self.connection.execute(chunk_statement(name), {**own, **parameters}).to_arrow_table()
            pace.weighed(rows.num_rows, rows.nbytes)
            for documents, batch in batches_of(rows, min(_BATCH_ROWS, self.chunk_rows or _BATCH_ROWS)):
                for place, start, end in documents:
                    yield chunk.start + place, batch.slice(start, end - start)


def _zipped(batch: pa.RecordBatch, *names: str) -> Iterator[tuple[Any, ...]]:
    return zip(*(values_of(batch[name]) for name in names), strict=True)


def _histories(batch: pa.RecordBatch) -> Iterator[History]:
    """Return who made and edited something, and when."""
    columns: list[Sequence[Any]] = []
    for name in History._fields:
        column = batch[name]
        if pa.types.is_timestamp(column.type):
            column = column.cast(_TIMES).cast(BIGINT)
        columns.append(values_of(column))
    return map(History._make, zip(*columns, strict=True))
