"""Turn a reader's events into the staged rows of a source's documents."""

from collections import Counter
from collections.abc import Sequence

import pyarrow as pa

from labelhouse.codes import Code
from labelhouse.documents import Document, Origin
from labelhouse.errors import InputError
from labelhouse.limits import Limits
from labelhouse.normalise.annotations import annotation_batches
from labelhouse.normalise.batches import Finding, Normalised
from labelhouse.normalise.categories import category_batches
from labelhouse.normalise.images import image_batches
from labelhouse.reader import Block, DocumentEnd, DocumentStart, Event, Section
from labelhouse.schema import (
    CATEGORIES,
    DOCUMENT_POINTERS,
    DOCUMENTS,
    ISSUES,
    QUARANTINE,
    Table,
)
from labelhouse.stage import Stage

MAX_BAD_SHARE = 0.01
MAX_BAD_RECORDS = 100
"""A source is rejected if a section has more bad records than both."""
HOPELESS_RECORDS = 10_000
"""From so many bad records on, a section is judged by what has been read of it."""


class StagedDocuments:
    """Stage the documents of one source, member after member."""

    def __init__(
        self, stage: Stage, ingest_id: str, ingest_number: int, max_bad: float, limits: Limits
    ) -> None:
        self.count = 0
        self.rows: Counter[str] = Counter()
        self._stage = stage
        self._ingest_id = ingest_id
        self._ingest_number = ingest_number
        self._max_bad = max_bad
        self._limits = limits
        self._category_sets: set[str] = set()
        self._document_ids: Counter[str] = Counter()
        self._document: Document | None = None

    def take(self, event: Event, origin: Origin) -> None:
        """Take one event of the member that `origin` names."""
        if isinstance(event, DocumentStart):
            key = self._ingest_number << 32 | self.count
            self._document = Document(key, self.count, event, origin)
            self.count += 1
            return
        assert self._document is not None
        if isinstance(event, Block):
            self._take_block(self._document, event)
        else:
            self._end(self._document, event)

    def _take_block(self, document: Document, block: Block) -> None:
        normalised = _normalised(block, document.key, self._limits)
        document.met[block.section] += len(block.positions) + len(block.refused)
        for table, batch in normalised.tables.items():
            document.add(table, batch)
            if table is not CATEGORIES:
                self._hold(table, batch)
        if normalised.quarantine:
            quarantine = self._finding_rows(QUARANTINE, document, normalised.quarantine)
            document.add(QUARANTINE, quarantine)
            self._hold(QUARANTINE, quarantine)
        if normalised.issues:
            self._hold(ISSUES, self._finding_rows(ISSUES, document, normalised.issues))
        for finding in normalised.quarantine:
            document.bad[block.section] += 1
            document.reasons.setdefault(block.section, finding)
        if document.bad[block.section] > HOPELESS_RECORDS:
            self._check_bad(document)

    def _end(self, document: Document, end: DocumentEnd) -> None:
        row = document.row(end, self._document_ids)
        self._check_bad(document)
        self._take_categories(document)
        self._hold(DOCUMENTS, row)
        if doubts := document.doubts(end):
            self._hold(ISSUES, self._finding_rows(ISSUES, document, doubts))
        place = {"document_key": document.key, "pointer": document.pointer}
        self._stage.hold(
            DOCUMENT_POINTERS, pa.RecordBatch.from_pylist([place], schema=DOCUMENT_POINTERS.arrow)
        )
        self._stage.keep()

    def _take_categories(self, document: Document) -> None:
        # A set belongs to no document: it is stored once, whichever brought it first.
        if document.category_set not in self._category_sets:
            self._category_sets.add(document.category_set)
            for batch in document.categories().to_batches():
                self._hold(CATEGORIES, batch)

    def _check_bad(self, document: Document) -> None:
        for section, bad in document.bad.items():
            met = document.met[section]
            if bad == met or (bad > MAX_BAD_RECORDS and bad > self._max_bad * met):
                first = document.reasons[section]
                raise InputError(
                    Code.LIMIT_BAD_RECORDS if bad < met else first.code,
                    f"{bad:,} of {met:,} {section.value} cannot be stored, the first for {first.message}",
                    pointer=document.pointer + first.pointer,
                    remedy="mend the export" if bad == met else "mend the export, or raise --max-bad",
                )

    def _finding_rows(
        self, table: Table, document: Document, findings: Sequence[Finding]
    ) -> pa.RecordBatch:
        rows = [
            {
                "ingest_id": self._ingest_id,
                "document_key": document.key,
                "member": document.origin.member,
                "section": finding.section,
                "position": finding.position,
                "pointer": document.pointer + finding.pointer,
                "code": finding.code.value,
                "message": finding.message,
                "raw": finding.raw,
            }
            for finding in findings
        ]
        names = table.arrow.names
        return pa.RecordBatch.from_pylist(
            [{name: row[name] for name in names} for row in rows], schema=table.arrow
        )

    def _hold(self, table: Table, batch: pa.RecordBatch) -> None:
        self.rows[table.name] += batch.num_rows
        self._stage.hold(table, batch)


def _normalised(block: Block, document_key: int, limits: Limits) -> Normalised:
    if block.section is Section.ANNOTATIONS:
        return annotation_batches(block, document_key, max_attributes=limits.attributes)
    if block.section is Section.IMAGES:
        return image_batches(block, document_key)
    return category_batches(block)
