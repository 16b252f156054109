"""End documents together: their ids, their fingerprints and their rows in documents, as columns."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from labelhouse.coco.encord import is_encord_info
from labelhouse.coco.json_text import json_text
from labelhouse.coco.sections import Section
from labelhouse.hashing.fingerprint import fingerprints
from labelhouse.normalise.blanks import Mask
from labelhouse.normalise.categories import CategorySets
from labelhouse.schema.warehouse_tables import ANNOTATIONS, DOCUMENTS, IMAGES, QUARANTINE
from labelhouse.staging.document import Document, DocumentIds, listed_sections, title_of
from labelhouse.staging.document_order import EndedColumns
from labelhouse.staging.together.document_columns import DocumentColumns
from labelhouse.staging.without_people import PeopleFilter


class DocumentRows:
    """The rows of documents whose records have all come.

    Documents are ordinary or odd. The row of an ordinary one says all: it has every section and something
    in them, none of its records is in quarantine, and no issue is about it. An odd one has to be ended as
    a Document, and its row put here.
    """

    def __init__(self, documents: DocumentColumns, sets: CategorySets, people: PeopleFilter) -> None:
        self._documents = documents
        self._images = documents.rows(IMAGES)
        block, places = documents.block, documents.places
        self.count = len(block.positions)
        self._titles: list[str | None] = [None] * self.count
        self._extras: list[str | None] = [None] * self.count
        self._is_encord = documents.has_uuids.copy()
        self._take_headers(people)
        self._category_sets = [sets.key_of(batches) for batches in documents.category_lists]
        self._ids: list[str] = []
        self._is_named = np.zeros(self.count, np.bool_)
        self._take_own_ids()
        own_sets = [self._category_sets[code] for code in documents.category_codes.tolist()]
        sections = list(map(listed_sections, block.sections))
        self._digests = list(block.digests)
        self._columns: dict[str, list[Any]] = {
            "document_id": self._ids,
            "title": self._titles,
            "media_type": documents.media_types,
            "category_set": own_sets,
            "fingerprint": fingerprints(documents.sums, [self._titles, self._extras, sections, own_sets]),
            "extra": self._extras,
            "sections": sections,
            "member": [origin.member for origin in places.origins],
        }

    def runs(self) -> Iterator[tuple[range, Sequence[int]]]:
        """Yield ordinary documents, by their indices, and the odd one behind them, if there is one."""
        first = 0
        for index in np.flatnonzero(self._odd()).tolist():
            yield range(first, index), (index,)
            first = index + 1
        yield range(first, self.count), ()

    def take_ids(self, indices: range, ids: DocumentIds) -> bool:
        """Give ordinary documents their ids; return False if some of them are taken."""
        return ids.add_all(self._ids[indices.start : indices.stop])

    def put(self, index: int, document: Document, row: Mapping[str, Any]) -> None:
        """Take the row of a document that has been ended by itself."""
        for name, column in self._columns.items():
            column[index] = row[name]
        self._is_named[index] = document.is_named
        if not document.has_own_id or self._documents.rows(QUARANTINE)[index]:
            self._digests[index] = None

    @property
    def keys(self) -> Sequence[tuple[str, str]]:
        """The id and the fingerprint of each document."""
        return list(zip(self._columns["document_id"], self._columns["fingerprint"], strict=True))

    def category_sets(self, chosen: Mask) -> Iterator[tuple[str, Sequence[pa.RecordBatch]]]:
        """Yield the key and the rows of each category set of the chosen documents, in their order."""
        codes = self._documents.category_codes[chosen]
        for code in dict.fromkeys(codes.tolist()):
            yield self._category_sets[code], self._documents.category_lists[code]

    def ended(self, is_known: Mask, *, is_apart: bool) -> EndedColumns:
        """Return the rows, and what else is to be known of the documents."""
        places = self._documents.places
        origin = places.origins[0]
        columns = {
            **self._columns,
            "document_key": places.keys,
            "project": [origin.project] * self.count,
            "source": [origin.source] * self.count,
            "position": places.positions,
            "image_count": self._images,
            "annotation_count": self._documents.rows(ANNOTATIONS),
            "ingest_id": [origin.ingest_id] * self.count,
        }
        schema = DOCUMENTS.arrow
        arrays = [pa.array(columns[field.name], field.type) for field in schema]
        return EndedColumns(
            pa.record_batch(arrays, schema=schema),
            [f"/{start.position}" if start.in_list else "" for start in places.starts],
            self._documents.counts(),
            is_known,
            self._is_named,
            np.full(self.count, is_apart),
            self._digests,
        )

    def _odd(self) -> Mask:
        documents = self._documents
        kinds = {kind: len(kind) == len(Section) for kind in set(documents.block.sections)}
        has_all = np.array([kinds[kind] for kind in documents.block.sections], np.bool_)
        has_records = (documents.met(Section.IMAGES) > 0) | (documents.rows(ANNOTATIONS) > 0)
        is_odd: Mask = ~(has_all & has_records)
        is_odd[list(documents.odd)] = True
        return is_odd

    def _take_headers(self, people: PeopleFilter) -> None:
        block = self._documents.block
        if block.headers is not None:
            self._titles = block.headers.titles.to_pylist()
            self._extras = block.headers.extras.to_pylist()
            self._is_encord |= block.headers.is_encord
        for index, kept in block.values.items():
            values = people.values(kept)
            info = values.get("info")
            self._titles[index] = title_of(info)
            self._extras[index] = json_text(values) if values else None
            self._is_encord[index] |= is_encord_info(info)

    def _take_own_ids(self) -> None:
        places, hashes = self._documents.places, self._documents.data_hashes
        columns = (self._is_encord.tolist(), hashes, self._titles, self._images.tolist())
        for index, (is_encord, data_hash, title, images) in enumerate(zip(*columns, strict=True)):
            if is_encord and data_hash:
                self._ids.append(data_hash)
            elif is_encord and title and not images:
                self._ids.append(title)
            else:
                self._is_named[index] = True
                self._ids.append(places.origins[index].name_of(places.starts[index]))
