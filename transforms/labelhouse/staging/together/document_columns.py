"""Follow many small documents at once, from their starts to their ends, in columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from labelhouse.coco.sections import Section
from labelhouse.compiled.annotations import Integers
from labelhouse.hashing.fingerprint import SumColumns
from labelhouse.readers.events import DocumentBlock, DocumentStart
from labelhouse.schema.warehouse_tables import ANNOTATIONS, IMAGES, Table
from labelhouse.staging.document import Document, Origin


@dataclass(frozen=True, slots=True)
class DocumentPlaces:
    """Where documents come from: their keys, their places in the source, their starts and origins."""

    keys: Integers
    positions: Integers
    starts: Sequence[DocumentStart]
    origins: Sequence[Origin]


class DocumentColumns:
    """Count the records of the documents of a block, and add up the hashes of their rows.

    A Document is made only of those that are odd: `document` makes it.
    """

    def __init__(self, block: DocumentBlock, places: DocumentPlaces) -> None:
        self.block = block
        self.places = places
        count = len(places.keys)
        self.media_types: list[str | None] = [None] * count
        self.data_hashes: list[str | None] = [None] * count
        self.has_uuids = np.zeros(count, np.bool_)
        self.category_lists: list[list[pa.RecordBatch]] = [[]]
        """Lists of categories that documents have; the first is that of documents without any."""
        self.category_codes = np.zeros(count, np.int64)
        """The index in `category_lists` of each document's."""
        self.sums: dict[str, SumColumns] = {}
        self._positions = np.array(block.positions, np.int64)
        self._rows: dict[Table, Integers] = {}
        self._met: dict[Section, Integers] = {}
        self._odd: dict[int, Document] = {}

    @property
    def odd(self) -> Sequence[int]:
        """The indices of the documents that `document` has made."""
        return list(self._odd)

    def document(self, position: int) -> Document:
        """Return one document, by its index in the text, with what is known of it so far."""
        index = int(np.searchsorted(self._positions, position))
        if index not in self._odd:
            places = self.places
            self._odd[index] = Document(
                int(places.keys[index]),
                int(places.positions[index]),
                places.starts[index],
                places.origins[index],
                index=position,
            )
        document = self._odd[index]
        for section, counts in self._met.items():
            document.met[section] = int(counts[index])
        return document

    def whole_document(self, index: int) -> Document:
        """Return the document at an index of the columns, with all that is known of it."""
        document = self.document(int(self._positions[index]))
        document.see_first_image(self.media_types[index], self.data_hashes[index])
        if self.has_uuids[index]:
            document.see_uuids()
        for batch in self.category_lists[self.category_codes[index]]:
            document.add_categories(batch)
        for table, counts in self._rows.items():
            sums = self.sums.get(table.name)
            document.add(table, int(counts[index]), None if sums is None else sums.of(index))
        return document

    def rows(self, table: Table) -> Integers:
        """Return how many rows of a table each document has; the array grows with the rows."""
        return self._rows.setdefault(table, np.zeros(len(self.places.keys), np.int64))

    def met(self, section: Section) -> Integers:
        """Return how many records of a section each document has; the array grows with the records."""
        return self._met.setdefault(section, np.zeros(len(self.places.keys), np.int64))

    def counts(self) -> Mapping[str, Integers]:
        """Return how many rows of each table each document has, by the names of the tables."""
        return {table.name: counts for table, counts in self._rows.items()}

    def meet(self, section: Section, positions: Sequence[int], counts: Sequence[int]) -> Integers:
        """Count records of documents; return the key of each."""
        indices = self._indices(positions)
        np.add.at(self.met(section), indices, np.array(counts, np.int64))
        keys: Integers = self.places.keys[indices]
        return keys

    def add_categories(self, positions: Sequence[int], batch: pa.RecordBatch) -> None:
        """Hold the categories that documents have in common; those of a document come together."""
        indices = self._indices(positions)
        assert not self.category_codes[indices].any()
        self.category_codes[indices] = len(self.category_lists)
        self.category_lists.append([batch])

    def add(self, table: Table, batch: pa.RecordBatch, starts: Integers, sums: SumColumns | None) -> None:
        """Count rows that are stored; those of a document begin at each of `starts`."""
        keys = batch["document_key"].to_numpy()[starts]
        indices = np.searchsorted(self.places.keys, keys)
        if table is IMAGES:
            self._see_images(batch, starts, indices)
        elif table is ANNOTATIONS and (uuids := batch["encord_track_uuid"]).null_count < batch.num_rows:
            are_there = uuids.is_valid().to_numpy(zero_copy_only=False)
            self.has_uuids[indices] |= np.logical_or.reduceat(are_there, starts)
        np.add.at(self.rows(table), indices, np.diff(starts, append=batch.num_rows))
        if sums is not None:
            if table.name not in self.sums:
                self.sums[table.name] = SumColumns.zeros(len(self.places.keys))
            self.sums[table.name].add(indices, sums)

    def _see_images(self, batch: pa.RecordBatch, starts: Integers, indices: Integers) -> None:
        assert not self.rows(IMAGES)[indices].any(), "the images of whole documents come together"
        firsts = pa.array(starts)
        kinds = (batch[name].take(firsts).to_pylist() for name in ("media_type", "data_hash"))
        for index, media_type, data_hash in zip(indices.tolist(), *kinds, strict=True):
            self.media_types[index] = media_type
            self.data_hashes[index] = data_hash

    def _indices(self, positions: Sequence[int]) -> Integers:
        indices: Integers = np.searchsorted(self._positions, np.array(positions, np.int64))
        return indices
