"""Read the records of documents from the warehouse, chunk by chunk, as JSON objects."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa

from labelhouse.exporting.annotations import annotation_objects
from labelhouse.exporting.categories import category_objects
from labelhouse.exporting.columns import values_of
from labelhouse.exporting.document_chunks import (
    DocumentChunk,
    Pace,
    batches_of,
    chunk_statement,
    document_chunks,
)
from labelhouse.exporting.documents import ChosenDocument
from labelhouse.exporting.images import image_objects
from labelhouse.exporting.label_children import AnswerRows, KeypointRows, label_keys
from labelhouse.lake.snapshot_connection import Connection

Objects: TypeAlias = Iterable[dict[str, Any]]

BATCH_ROWS = 2_048
_FIRST_DOCUMENTS = 64


@dataclass(frozen=True, slots=True)
class DocumentEnvelope:
    """What a document holds beside images and annotations; `extra` is the JSON of other keys."""

    extra: str | None
    sections: str
    categories: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Images:
    """Some images of one document, and their positions in it."""

    objects: Objects
    positions: Sequence[int]


@dataclass(frozen=True, slots=True)
class Labels:
    """Some labels of one document; `image_positions` has the positions of the images they refer to."""

    objects: Objects
    image_positions: Mapping[int, int]


@dataclass(slots=True)
class ExportRows:
    """Read records of chosen documents: as their sources had them, or `plain` as other tools want them.

    `labels` is a checked statement that selects labels. The methods yield the index of a document and
    some of its records, document by document in the order given. They hold the rows of one chunk:
    `chunk_rows`, or as many as take TARGET_BYTES.
    """

    connection: Connection
    documents: Sequence[ChosenDocument]
    plain: bool = False
    labels: str | None = None
    chunk_rows: int | None = None

    def envelopes(self) -> Iterator[DocumentEnvelope]:
        """Yield what each document holds beside its images and annotations."""
        pace = self._pace(Pace(_FIRST_DOCUMENTS))
        for chunk in document_chunks(self.documents, lambda _: 1, pace):
            rows = self._select("exporting/envelopes", chunk.document_keys())
            documents = self.documents[chunk.start : chunk.start + len(chunk.keys)]
            category_rows = self._category_rows({document.category_set for document in documents})
            pace.weighed(rows.num_rows, rows.nbytes + category_rows.nbytes)
            categories = self._by_set(category_rows)
            for document, extra, sections in zip(
                documents, rows["extra"].to_pylist(), rows["sections"].to_pylist(), strict=True
            ):
                yield DocumentEnvelope(extra, sections, categories.get(document.category_set, []))

    def category_sets(self) -> Iterator[tuple[str, list[dict[str, Any]]]]:
        """Yield each category set of the documents once, with its categories."""
        sets = list(dict.fromkeys(document.category_set for document in self.documents))
        for at in range(0, len(sets), _FIRST_DOCUMENTS):
            some = sets[at : at + _FIRST_DOCUMENTS]
            categories = self._by_set(self._category_rows(set(some)))
            for category_set in some:
                yield category_set, categories.get(category_set, [])

    def _category_rows(self, sets: set[str]) -> pa.Table:
        return self._select("exporting/categories", {"category_sets": sorted(sets)})

    def _by_set(self, rows: pa.Table) -> dict[str, list[dict[str, Any]]]:
        by_set: dict[str, list[dict[str, Any]]] = {}
        for batch in rows.to_batches():
            names = batch["category_set"].to_pylist()
            for name, category in zip(names, category_objects(batch, plain=self.plain), strict=True):
                by_set.setdefault(name, []).append(category)
        return by_set

    def images(self) -> Iterator[tuple[int, Images]]:
        """Yield images."""
        pace = self._pace(Pace())
        for chunk in document_chunks(self.documents, lambda d: d.image_places, pace):
            rows = self._select("exporting/images", chunk.parameters())
            pace.weighed(rows.num_rows, rows.nbytes)
            for documents, batch in batches_of(rows, min(BATCH_ROWS, self.chunk_rows or BATCH_ROWS)):
                objects = image_objects(batch, plain=self.plain)
                positions = values_of(batch["position"])
                for place, start, end in documents:
                    its_own = list(islice(objects, end - start))
                    yield chunk.start + place, Images(its_own, positions[start:end])

    def annotations(self) -> Iterator[tuple[int, Labels]]:
        """Yield labels with their keypoints and answers."""
        pace = self._pace(Pace())
        for chunk in document_chunks(self.documents, lambda d: d.annotation_places, pace):
            rows = self._select("exporting/annotations", chunk.parameters())
            keypoints = self._select("exporting/keypoints", chunk.parameters())
            answers = self._select("exporting/attributes", chunk.parameters())
            pace.weighed(rows.num_rows, rows.nbytes + keypoints.nbytes + answers.nbytes)
            if self.labels is not None:
                rows = self._chosen(rows, chunk)
            yield from self._labels(chunk, rows, KeypointRows.of(keypoints), AnswerRows.of(answers))

    def _labels(
        self, chunk: DocumentChunk, rows: pa.Table, keypoints: KeypointRows, answers: AnswerRows
    ) -> Iterator[tuple[int, Labels]]:
        positions = self._image_positions(chunk) if self.plain else {}
        for documents, batch in batches_of(rows, min(BATCH_ROWS, self.chunk_rows or BATCH_ROWS)):
            keys = label_keys(batch, "position")
            objects = annotation_objects(
                batch, keypoints.lists(keys), answers.lists(keys), plain=self.plain
            )
            for place, start, end in documents:
                its_own = list(islice(objects, end - start))
                yield chunk.start + place, Labels(its_own, positions.get(place, {}))

    def _chosen(self, rows: pa.Table, chunk: DocumentChunk) -> pa.Table:
        sql = chunk_statement("exporting/chosen_labels").replace("{labels}", self.labels or "")
        chosen = self.connection.execute(sql, chunk.parameters()).to_arrow_table()
        mask = np.isin(label_keys(rows, "position"), label_keys(chosen, "position"))
        return rows.filter(pa.array(mask))

    def _image_positions(self, chunk: DocumentChunk) -> dict[int, dict[int, int]]:
        positions: dict[int, dict[int, int]] = {}
        rows = self._select("exporting/image_positions", chunk.parameters())
        columns = (rows[name].to_numpy().tolist() for name in ("ordinal", "image_id", "position"))
        for ordinal, image_id, position in zip(*columns, strict=True):
            positions.setdefault(ordinal - 1, {})[image_id] = position
        return positions

    def _pace(self, free: Pace) -> Pace:
        return free if self.chunk_rows is None else Pace(self.chunk_rows, is_fixed=True)

    def _select(self, name: str, parameters: dict[str, object]) -> pa.Table:
        return self.connection.execute(chunk_statement(name), parameters).to_arrow_table()
