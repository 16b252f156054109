"""Documents that are open at the same time, followed one by one."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from labelhouse.coco.sections import Section
from labelhouse.compiled.annotations import Integers
from labelhouse.hashing.fingerprint import SumColumns
from labelhouse.schema.warehouse_tables import ANNOTATIONS, IMAGES, Table
from labelhouse.staging.document import Document


class OpenDocuments:
    """Count the records of open documents, and add up the hashes of their rows.

    To a stager of blocks they are what DocumentColumns are.
    """

    def __init__(self) -> None:
        self._open: dict[int, Document] = {}
        self._by_key: dict[int, Document] = {}

    def open(self, document: Document) -> None:
        """Begin to take records of a document."""
        self._open[document.index] = self._by_key[document.key] = document

    def close(self, position: int) -> None:
        """Stop taking records of a document."""
        del self._by_key[self._open.pop(position).key]

    @property
    def is_empty(self) -> bool:
        """Whether no document is open."""
        return not self._open

    def document(self, position: int) -> Document:
        """Return an open document, by its index in the text."""
        return self._open[position]

    def meet(self, section: Section, positions: Sequence[int], counts: Sequence[int]) -> Integers:
        """Count records of documents; return the key of each."""
        documents = [self._open[position] for position in positions]
        for document, count in zip(documents, counts, strict=True):
            document.met[section] += count
        return np.array([document.key for document in documents], np.int64)

    def add_categories(self, positions: Sequence[int], batch: pa.RecordBatch) -> None:
        """Hold categories that documents have in common."""
        for position in positions:
            self._open[position].add_categories(batch)

    def add(self, table: Table, batch: pa.RecordBatch, starts: Integers, sums: SumColumns | None) -> None:
        """Count rows that are stored; those of a document begin at each of `starts`."""
        keys = batch["document_key"].to_numpy()[starts].tolist()
        ends = [*starts[1:].tolist(), batch.num_rows]
        its_sums = [None] * len(keys) if sums is None else sums.listed()
        documents = [self._by_key[key] for key in keys]
        if table is IMAGES:
            firsts = pa.array(starts)
            kinds = (batch[name].take(firsts).to_pylist() for name in ("media_type", "data_hash"))
            for document, start, end, *kind in zip(documents, starts.tolist(), ends, *kinds, strict=True):
                document.see_images(batch.slice(start, end - start), *kind)
        elif table is ANNOTATIONS and (uuids := batch["encord_track_uuid"]).null_count < batch.num_rows:
            with_uuids = np.logical_or.reduceat(uuids.is_valid().to_numpy(zero_copy_only=False), starts)
            for index in np.flatnonzero(with_uuids).tolist():
                documents[index].see_uuids()
        for document, start, end, one in zip(documents, starts.tolist(), ends, its_sums, strict=True):
            document.add(table, end - start, one)
