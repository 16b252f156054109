"""Put the rows of a source's documents in the source's order, regardless of the process."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from labelhouse.readers.events import KnownText
from labelhouse.schema.arrow_types import BIGINT, VARCHAR
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

    def finish(self, count: int) -> Counter[str]:
        """Stage the last rows of `count` documents and return how many rows each table got."""
        assert self._next_key == self._first_key + count, "documents are missing"
        self._flush()
        return self._rows

    def _flush(self) -> None:
        new = [document for document in self._ready if not document.is_known]
        for document in new:
            self._rows.update(document.counts)
        self._add(DOCUMENTS, [document.row for document in new])
        places = [{"document_key": document.key, "pointer": document.pointer} for document in new]
        self._add(DOCUMENT_POINTERS, places)
        names = UNCHANGED_DOCUMENTS.arrow.names
        old = [document.row for document in self._ready if document.is_known]
        self._add(UNCHANGED_DOCUMENTS, [{name: row[name] for name in names} for row in old])
        self.is_named |= any(document.is_named for document in self._ready)
        if self._keeps_list:
            self._list(self._ready)
        for document in self._ready:
            if document.digest is not None:
                own_id = None if document.is_named else document.row["document_id"]
                issues = document.counts.get(ISSUES.name, 0)
                known = KnownText(document.row["fingerprint"], own_id, issues)
                self.texts.add(document.digest, known)
        self._ready = []

    def _list(self, documents: Sequence[EndedDocument]) -> None:
        """Stage the list of the documents: what the commit has to know of them without their text."""
        columns = [
            pa.array([document.key - self._first_key for document in documents], BIGINT),
            pa.array([document.row["document_id"] for document in documents], VARCHAR),
            pa.array([document.row["fingerprint"] for document in documents], VARCHAR),
            pa.array([document.counts.get(QUARANTINE.name, 0) for document in documents], BIGINT),
            pa.array([document.counts.get(ISSUES.name, 0) for document in documents], BIGINT),
            pa.array([document.is_apart for document in documents], pa.bool_()),
        ]
        self._area.add(PARSED_DOCUMENTS, pa.record_batch(columns, schema=PARSED_DOCUMENTS.arrow))

    def _add(self, table: Table, rows: list[dict[str, Any]]) -> None:
        if rows:
            self._rows[table.name] += len(rows)
            self._area.add(table, pa.RecordBatch.from_pylist(rows, schema=table.arrow))
