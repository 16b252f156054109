"""End documents: the rows of each belong to the source, unless the warehouse holds the document already."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from labelhouse.errors import InputError
from labelhouse.manifest import StagedFile
from labelhouse.normalise.categories import CategorySets
from labelhouse.readers.events import DocumentEnd
from labelhouse.schema.warehouse_tables import CATEGORIES, QUARANTINE
from labelhouse.staging.block_stager import BlockStager
from labelhouse.staging.document import Document, DocumentIds, DocumentSummary
from labelhouse.staging.document_order import EndedColumns, EndedDocument
from labelhouse.staging.known_documents import KnownDocuments
from labelhouse.staging.staging_area import StagingArea
from labelhouse.staging.together.document_columns import DocumentColumns
from labelhouse.staging.together.document_rows import DocumentRows


@dataclass(frozen=True, slots=True)
class StagedPart:
    """Another process's result for the records of a document, in files of the document's own."""

    summary: DocumentSummary
    files: Sequence[StagedFile]


@dataclass(frozen=True, slots=True)
class _Complete:
    document: Document
    row: dict[str, Any]
    parts: Sequence[StagedPart]
    digest: str | None


class DocumentGroup:
    """End the documents that are open at the same time, group after group.

    When all of a group have ended, their rows belong to the source, except those of known documents.
    """

    def __init__(self, area: StagingArea, blocks: BlockStager, known: KnownDocuments) -> None:
        self.category_sets: dict[str, int] = {}
        """Rows of the category sets that are staged."""
        self._area = area
        self._blocks = blocks
        self._known = known
        self._sets = CategorySets()
        self._complete: list[_Complete] = []

    def end_document(
        self, end: DocumentEnd, ids: DocumentIds, parts: Sequence[StagedPart] = ()
    ) -> list[EndedDocument]:
        """End an open document; return the documents of its group if it was the last one that was open.

        `parts` are what other processes have read of it. Raises InputError if it is not a COCO document, or
        if too many of its records could not be stored.
        """
        end = self._blocks.people.end(end)
        document = self._blocks.document(end.position)
        for part in parts:
            document.merge(part.summary)
        row, issues = document.row_and_issues(end, self._sets, ids)
        self._blocks.check_bad(document)
        self._blocks.add_issues(issues)
        self._blocks.close(end.position)
        is_own = document.has_own_id and not document.rows[QUARANTINE]
        self._complete.append(_Complete(document, row, parts, end.digest if is_own else None))
        return self._end_group() if self._blocks.is_empty else []

    def end_together(self, documents: DocumentColumns, ids: DocumentIds) -> EndedColumns:
        """End documents whose records have all come, in their order; no other document is open.

        Raises InputError as `end_document` does, for the first one that has to be rejected.
        """
        rows = DocumentRows(documents, self._sets, self._blocks.people)
        for ordinary, odd in rows.runs():
            if not rows.take_ids(ordinary, ids):
                odd = (*ordinary, *odd)
            for index in odd:
                self._end_odd(index, documents, rows, ids)
        is_known = np.array(self._known.hold(rows.keys), np.bool_)
        if self._area.has_spilled and not is_known.all():
            # Files of several documents: no single document can be removed from them.
            is_known[:] = False
        is_apart = not (self._area.has_spilled and rows.count > 1)
        for category_set, batches in rows.category_sets(~is_known):
            self._stage_categories(category_set, batches)
        self._area.keep(without=documents.places.keys[is_known].tolist())
        return rows.ended(is_known, is_apart=is_apart)

    def _end_odd(
        self, index: int, documents: DocumentColumns, rows: DocumentRows, ids: DocumentIds
    ) -> None:
        """End a document by itself: it may have issues, or be no COCO document."""
        document = documents.whole_document(index)
        end = self._blocks.people.end(documents.block.end(index))
        try:
            row, issues = document.row_and_issues(end, self._sets, ids)
            self._blocks.check_bad(document)
        except InputError as error:
            error.member = error.member or document.origin.member
            raise
        self._blocks.add_issues(issues)
        rows.put(index, document, row)

    def _end_group(self) -> list[EndedDocument]:
        known = [
            self._known.holds(one.row["document_id"], one.row["fingerprint"]) for one in self._complete
        ]
        if self._area.has_spilled and not all(known):
            # Files of several documents: no single document can be removed from them.
            known = [False] * len(known)
        is_apart = not (self._area.has_spilled and len(known) > 1)
        group = list(zip(self._complete, known, strict=True))
        self._complete = []
        for one, is_known in group:
            self._area.adopt([file for part in one.parts for file in part.files], drop=is_known)
            if not is_known:
                self._stage_categories(one.row["category_set"], one.document.categories)
        self._area.keep(without=[one.document.key for one, is_known in group if is_known])
        return [_ended(one, is_known, is_apart=is_apart) for one, is_known in group]

    def _stage_categories(self, category_set: str, batches: Sequence[pa.RecordBatch]) -> None:
        """Stage the categories of a document unless their set is staged.

        A set belongs to no document: it is stored once, for the first document that has it.
        """
        if category_set not in self.category_sets:
            rows = pa.Table.from_batches(batches, CATEGORIES.arrow)
            keys = pa.repeat(pa.scalar(category_set), rows.num_rows)
            self.category_sets[category_set] = rows.num_rows
            for batch in rows.set_column(0, CATEGORIES.arrow.field(0), keys).to_batches():
                self._area.add(CATEGORIES, batch)


def _ended(one: _Complete, is_known: bool, *, is_apart: bool) -> EndedDocument:
    counts = {table.name: count for table, count in one.document.rows.items() if table is not CATEGORIES}
    document = one.document
    return EndedDocument(
        document.key,
        one.row,
        document.pointer,
        counts,
        is_known,
        document.is_named,
        is_apart,
        one.digest,
    )
