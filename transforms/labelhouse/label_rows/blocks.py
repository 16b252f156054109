"""Collect the records of label rows into blocks: rows that follow each other share them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from labelhouse.coco.json_text import json_text, json_texts
from labelhouse.coco.sections import RECORD_KEYS, Section
from labelhouse.coco.values import MISSING, Json
from labelhouse.label_rows.geometry import Shape
from labelhouse.label_rows.row_parts import RowObject
from labelhouse.readers.events import (
    AnswerColumns,
    Block,
    BlockColumn,
    DocumentEnd,
    DocumentIssue,
    DocumentStart,
    LabelAnswer,
    Refused,
    RowEvent,
    Run,
    TableRows,
)
from labelhouse.schema.arrow_types import BIGINT, DOUBLE, VARCHAR, arrow_type
from labelhouse.schema.label_row_tables import LABEL_ROW_TABLES, ONTOLOGY
from labelhouse.schema.table import Table

_TIMES = pa.timestamp("us", tz="UTC")
_NAMES = pa.list_(VARCHAR)


_COCO = (
    *("id", "image_id", "category_id", "bbox", "area", "iscrowd", "segmentation"),
    *("keypoints", "num_keypoints"),
)
_OWN = ("track_id", "encord_track_uuid", "rotation", "manual_annotation")
_MORE = (
    *("created_at", "created_by", "last_edited_at", "last_edited_by", "confidence", "feature_hash"),
    *("space", "object_number", "geometry", "polygon_rings", "keypoint_names", "keypoint_hashes"),
)


class RawLabels:
    """The text of each label of a block, written again when it is asked for."""

    def __init__(self, labels: Sequence[RowObject]) -> None:
        self._labels = labels

    def __getitem__(self, row: int) -> bytes:
        """Return the text of one label."""
        return json_text(self._labels[row]).encode()


@dataclass(slots=True)
class Records:
    """What all sections have: the document, position and place of each record, and refused ones."""

    documents: list[int] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    raw: list[RowObject] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)

    def runs(self) -> list[Run]:
        """Return the runs of records of one document."""
        runs: list[Run] = []
        first = 0
        documents = self.documents
        for at in range(1, len(documents) + 1):
            if at == len(documents) or documents[at] != documents[first]:
                runs.append(Run(documents[first], at - first))
                first = at
        return runs


@dataclass(slots=True)
class ImageRecords:
    """Columns of a block of images."""

    records: Records = field(default_factory=Records)
    ids: list[int] = field(default_factory=list)
    file_names: list[str | None] = field(default_factory=list)
    titles: list[Json] = field(default_factory=list)
    urls: list[Json] = field(default_factory=list)
    widths: list[Json] = field(default_factory=list)
    heights: list[Json] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    media_types: list[str] = field(default_factory=list)
    data_hashes: list[str] = field(default_factory=list)
    frames: list[int | None] = field(default_factory=list)
    title_keys: list[str | None] = field(default_factory=list)
    row_extras: list[str | None] = field(default_factory=list)

    def block(self) -> Block:
        """Return the images collected so far as a block."""
        records = self.records
        count = len(records.positions)
        titles = {
            key: [
                title if own == key else MISSING
                for title, own in zip(self.titles, self.title_keys, strict=True)
            ]
            for key in ("image_title", "video_title")
        }
        columns: dict[str, BlockColumn] = {
            "id": self.ids,
            "file_name": self.file_names,
            "width": self.widths,
            "height": self.heights,
            "coco_url": self.urls,
            **titles,
        }
        more = {
            "image_key": pa.array(self.keys, VARCHAR),
            "media_type": pa.array(self.media_types, VARCHAR),
            "data_hash": pa.array(self.data_hashes, VARCHAR),
            "frame": pa.array(self.frames, BIGINT),
            "row_extra": pa.array(self.row_extras, VARCHAR),
        }
        return Block(
            Section.IMAGES,
            records.runs(),
            records.positions,
            columns,
            [None] * count,
            RawLabels(records.raw),
            records.refused,
            more=more,
            places=records.places,
        )


@dataclass(slots=True)
class LabelRecords:
    """Columns of a block of labels."""

    records: Records = field(default_factory=Records)
    columns: dict[str, list[Any]] = field(
        default_factory=lambda: {name: [] for name in (*_COCO, *_OWN, *_MORE)}
    )
    codes: list[int] = field(default_factory=list)
    sets: list[Sequence[LabelAnswer]] = field(default_factory=list)
    rest: list[RowObject] = field(default_factory=list)

    def add_shape(self, shape: Shape) -> None:
        """Add the columns that follow from a label's shape."""
        columns = self.columns
        columns["bbox"].append(MISSING if shape.bbox is None else shape.bbox)
        columns["area"].append(MISSING if shape.area is None else shape.area)
        columns["iscrowd"].append(shape.iscrowd)
        columns["segmentation"].append(MISSING if shape.segmentation is None else shape.segmentation)
        keypoints = shape.keypoints
        columns["keypoints"].append(keypoints)
        columns["num_keypoints"].append(None if keypoints is None else len(keypoints) // 3)
        columns["rotation"].append(MISSING if shape.rotation is None else shape.rotation)
        columns["polygon_rings"].append(shape.polygon_rings)
        columns["keypoint_names"].append(shape.point_names)
        columns["keypoint_hashes"].append(shape.point_hashes)
        columns["geometry"].append(None if shape.rest is None else json_text(shape.rest))

    def block(self) -> Block:
        """Return the labels collected so far as a block."""
        records, columns = self.records, self.columns
        count = len(records.positions)
        texts = iter(json_texts([rest for rest in self.rest if rest]))
        more = {
            "created_at": pa.array(columns["created_at"], BIGINT).cast(_TIMES),
            "created_by": pa.array(columns["created_by"], VARCHAR),
            "last_edited_at": pa.array(columns["last_edited_at"], BIGINT).cast(_TIMES),
            "last_edited_by": pa.array(columns["last_edited_by"], VARCHAR),
            "confidence": pa.array(columns["confidence"], DOUBLE),
            "feature_hash": pa.array(columns["feature_hash"], VARCHAR),
            "space": pa.array(columns["space"], VARCHAR),
            "object_number": pa.array(columns["object_number"], BIGINT),
            "geometry": pa.array(columns["geometry"], VARCHAR),
            "polygon_rings": pa.array(columns["polygon_rings"], pa.list_(BIGINT)),
            "row_extra": pa.array([next(texts) if rest else None for rest in self.rest], VARCHAR),
            "keypoint_names": pa.array(columns["keypoint_names"], _NAMES),
            "keypoint_hashes": pa.array(columns["keypoint_hashes"], _NAMES),
        }
        own = {key: columns[key] for key in _OWN}
        nothing: list[Any] = [MISSING] * count
        return Block(
            Section.ANNOTATIONS,
            records.runs(),
            records.positions,
            {
                **{key: columns[key] for key in _COCO},
                "track_id": nothing,
                "score": nothing,
                "attributes": AnswerColumns(own, self.codes, self.sets),
            },
            [None] * count,
            RawLabels(records.raw),
            records.refused,
            more=more,
            places=records.places,
        )


Categories = tuple[tuple[int, str, str], ...]
"""Ids, names and shapes of a document's categories."""


class RowBlocks:
    """Collect what rows hold until it is worth a block, and yield it as events.

    A row that ends in the middle of a block stays open until the block is out. `size` is the length of the
    text that what has been collected comes from.
    """

    def __init__(self) -> None:
        self._clear()

    def _clear(self) -> None:
        self.size = 0
        self.images = ImageRecords()
        self.labels = LabelRecords()
        self._starts: list[DocumentStart] = []
        self._issues: list[DocumentIssue] = []
        self._ends: list[DocumentEnd] = []
        self._categories: dict[Categories, list[int]] = {}
        self._rows: dict[Table, tuple[list[int], list[dict[str, Any]]]] = {}
        self._ontologies: list[list[dict[str, Any]]] = []

    def start(self, start: DocumentStart) -> None:
        """Begin a document."""
        self._starts.append(start)

    def add_row(self, table: Table, document: int, row: dict[str, Any]) -> None:
        """Add a row of a table of label rows."""
        documents, rows = self._rows.setdefault(table, ([], []))
        documents.append(document)
        rows.append(row)

    def add_issue(self, issue: DocumentIssue) -> None:
        """Add an issue of a document."""
        self._issues.append(issue)

    def add_ontology(self, rows: list[dict[str, Any]]) -> None:
        """Add the rows of an ontology."""
        self._ontologies.append(rows)

    def end(self, end: DocumentEnd, categories: Categories) -> None:
        """End a document, with its categories."""
        self._ends.append(end)
        self._categories.setdefault(categories, []).append(end.position)

    def flush(self) -> Iterator[RowEvent]:
        """Yield everything that has been collected."""
        yield from self._starts
        if self.images.records.positions or self.images.records.refused:
            yield self.images.block()
        if self.labels.records.positions or self.labels.records.refused:
            yield self.labels.block()
        for categories, documents in self._categories.items():
            if categories:
                yield _category_block(categories, documents)
        for rows in self._ontologies:
            yield _table_rows(ONTOLOGY, [0] * len(rows), rows)
        for table in LABEL_ROW_TABLES:
            if table in self._rows:
                yield _table_rows(table, *self._rows[table])
        yield from self._issues
        yield from self._ends
        self._clear()


def _table_rows(table: Table, documents: list[int], rows: list[dict[str, Any]]) -> TableRows:
    columns = {}
    for column in table.columns:
        if column.name == "document_key":
            continue
        values = [row.get(column.name) for row in rows]
        if column.sql_type == "TIMESTAMPTZ":
            columns[column.name] = pa.array(values, BIGINT).cast(_TIMES)
        else:
            columns[column.name] = pa.array(values, arrow_type(column.sql_type))
    return TableRows(table, documents, columns)


def _category_block(categories: Categories, documents: list[int]) -> Block:
    count = len(categories)
    nothing: list[Any] = [MISSING] * count
    is_point = [shape == "point" for _, _, shape in categories]
    columns: dict[str, BlockColumn] = dict.fromkeys(RECORD_KEYS[Section.CATEGORIES], nothing)
    columns |= {
        "id": [number for number, _, _ in categories],
        "name": [name for _, name, _ in categories],
        "supercategory": [shape for _, _, shape in categories],
        "keypoints": ["keypoint" if point else MISSING for point in is_point],
        "skeleton": [[] if point else MISSING for point in is_point],
    }
    raw: list[RowObject] = [{"name": name} for _, name, _ in categories]
    return Block(
        Section.CATEGORIES,
        [Run(documents[0], count)],
        range(count),
        columns,
        [None] * count,
        RawLabels(raw),
        also=documents[1:],
    )
