"""Put the rows of a source's documents in the source's order, regardless of the process."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from labelhouse.compiled.annotations import Integers
from labelhouse.readers.events import KnownText
from labelhouse.schema.arrow_types import VARCHAR
from labelhouse.schema.warehouse_tables import (
    DOCUMENT_POINTERS,
    DOCUMENTS,
    ISSUES,
    PARSED_DOCUMENTS,
    QUARANTINE,
    UNCHANGED_DOCUMENTS,
    Table,
)
from labelhouse.staging.known_texts import ReadTexts
from labelhouse.staging.staging_area import StagingArea

_BATCH_ROWS = 512


@dataclass(frozen=True, slots=True)
class EndedDocument:
    """A document that has ended: its row, its JSON pointer, and how many rows each table got for it.

    Nothing is stored for a document that the warehouse is known to hold. `is_named` is whether its id comes
    from the name of its file. One that is not `is_apart` lies in files with others that were open with it.
    """

    key: int
    row: dict[str, Any]
    pointer: str
    counts: dict[str, int]
    is_known: bool
    is_named: bool = True
    is_apart: bool = True
    digest: str | None = None
    """That of its text, if the text can be recognised."""


@dataclass(frozen=True, slots=True)
class EndedColumns:
    """Documents that have ended, in their order: the fields of EndedDocument as columns."""

    rows: pa.RecordBatch
    pointers: Sequence[str]
    counts: Mapping[str, Integers]
    is_known: npt.NDArray[np.bool_]
    is_named: npt.NDArray[np.bool_]
    is_apart: npt.NDArray[np.bool_]
    digests: Sequence[str | None]

    @classmethod
    def of(cls, documents: Sequence[EndedDocument]) -> "EndedColumns":
        """Return documents as columns."""
        tables = {table: None for document in documents for table in document.counts}
        return cls(
            pa.RecordBatch.from_pylist([document.row for document in documents], schema=DOCUMENTS.arrow),
            [document.pointer for document in documents],
            {
                table: np.array([document.counts.get(table, 0) for document in documents], np.int64)
                for table in tables
            },
            np.array([document.is_known for document in documents], np.bool_),
            np.array([document.is_named for document in documents], np.bool_),
            np.array([document.is_apart for document in documents], np.bool_),
            [document.digest for document in documents],
        )

    def count_of(self, table: Table) -> Integers:
        """Return how many rows of a table each document has."""
        return self.counts.get(table.name, np.zeros(self.rows.num_rows, np.int64))

    def listed(self) -> list[EndedDocument]:
        """Return the documents one by one."""
        counts = [
            {table: int(of_documents[index]) for table, of_documents in self.counts.items()}
            for index in range(self.rows.num_rows)
        ]
        return [
            EndedDocument(
                row["document_key"], row, pointer, its_counts, is_known, is_named, is_apart, digest
            )
            for row, pointer, its_counts, is_known, is_named, is_apart, digest in zip(
                self.rows.to_pylist(),
                self.pointers,
                counts,
                self.is_known.tolist(),
                self.is_named.tolist(),
                self.is_apart.tolist(),
                self.digests,
                strict=True,
            )
        ]


class DocumentOrder:
    """Stage the rows of documents once all documents before them have come."""

    def __init__(self, area: StagingArea, first_key: int, *, keeps_list: bool = False) -> None:
        self.is_named = False
        """Whether the id of some document comes from the name of its file."""
        self.texts = ReadTexts()
        """The texts of the documents that can be recognised."""
        self._keeps_list = keeps_list
        self._area = area
        self._first_key = first_key
        self._next_key = first_key
        self._waiting: dict[int, EndedDocument] = {}
        self._ready: list[EndedDocument] = []
        self._rows: Counter[str] = Counter()

    def add(self, documents: Sequence[EndedDocument]) -> None:
        """Take documents in any order."""
        self._waiting.update((document.key, document) for document in documents)
        while (document := self._waiting.pop(self._next_key, None)) is not None:
            self._ready.append(document)
            self._next_key += 1
        if len(self._ready) >= _BATCH_ROWS:
            self._flush()

    def add_together(self, documents: EndedColumns, others: Sequence[EndedDocument] = ()) -> None:
        """Take documents that follow each other; `others` lie between them."""
        first = documents.rows["document_key"][0].as_py()
        if others or first != self._next_key:
            self.add([*others, *documents.listed()])
            return
        self._flush()
        self._stage(documents)
        self._next_key += documents.rows.num_rows

    def finish(self, count: int) -> Counter[str]:
        """Stage the last rows of `count` documents and return how many rows each table got."""
        assert self._next_key == self._first_key + count, "documents are missing"
        self._flush()
        return self._rows

    def _flush(self) -> None:
        ready, self._ready = self._ready, []
        if ready:
            self._stage(EndedColumns.of(ready))

    def _stage(self, documents: EndedColumns) -> None:
        rows, is_new = documents.rows, ~documents.is_known
        for table, counts in documents.counts.items():
            self._rows[table] += int(counts[is_new].sum())
        self._add(DOCUMENTS, rows.filter(pa.array(is_new)))
        pointers = [rows["document_key"], pa.array(documents.pointers, VARCHAR)]
        places = pa.record_batch(pointers, schema=DOCUMENT_POINTERS.arrow)
        self._add(DOCUMENT_POINTERS, places.filter(pa.array(is_new)))
        names = UNCHANGED_DOCUMENTS.arrow.names
        self._add(UNCHANGED_DOCUMENTS, rows.select(names).filter(pa.array(documents.is_known)))
        self.is_named |= bool(documents.is_named.any())
        if self._keeps_list:
            self._area.add(PARSED_DOCUMENTS, self._list(documents))
        self._take_texts(documents)

    def _take_texts(self, documents: EndedColumns) -> None:
        if not any(documents.digests):
            return
        columns = (
            documents.digests,
            documents.is_named.tolist(),
            documents.rows["document_id"].to_pylist(),
            documents.rows["fingerprint"].to_pylist(),
            documents.count_of(ISSUES).tolist(),
        )
        known_texts = [
            (digest, KnownText(fingerprint, None if is_named else document_id, issues))
            for digest, is_named, document_id, fingerprint, issues in zip(*columns, strict=True)
            if digest is not None
        ]
        self.texts.add(*zip(*known_texts, strict=True))

    def _list(self, documents: EndedColumns) -> pa.RecordBatch:
        """Return the list of the documents: what the commit has to know of them without their text."""
        columns = [
            pa.array(documents.rows["document_key"].to_numpy() - self._first_key),
            documents.rows["document_id"],
            documents.rows["fingerprint"],
            pa.array(documents.count_of(QUARANTINE)),
            pa.array(documents.count_of(ISSUES)),
            pa.array(documents.is_apart),
        ]
        return pa.record_batch(columns, schema=PARSED_DOCUMENTS.arrow)

    def _add(self, table: Table, rows: pa.RecordBatch) -> None:
        if rows.num_rows:
            self._rows[table.name] += rows.num_rows
            self._area.add(table, rows)
