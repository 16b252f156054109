"""Turn a reader's events into the staged rows of a source's documents."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from labelhouse.codes import Code
from labelhouse.content import content_hashes
from labelhouse.documents import Document, Origin
from labelhouse.errors import InputError
from labelhouse.fingerprint import sums_of_runs
from labelhouse.known_documents import KnownDocuments
from labelhouse.limits import Limits
from labelhouse.normalise.annotations import annotation_batches
from labelhouse.normalise.batches import Finding, Normalised
from labelhouse.normalise.categories import category_batches
from labelhouse.normalise.images import image_batches
from labelhouse.reader import Block, DocumentEnd, DocumentStart, Event, Section
from labelhouse.schema import (
    BIGINT,
    CATEGORIES,
    DOCUMENT_POINTERS,
    DOCUMENTS,
    ISSUES,
    QUARANTINE,
    UNCHANGED_DOCUMENTS,
    Table,
)
from labelhouse.stage import Stage

MAX_BAD_SHARE = 0.01
MAX_BAD_RECORDS = 100
"""A source is rejected if a section has more bad records than both."""
HOPELESS_RECORDS = 10_000
"""From so many bad records on, a section is judged by what has been read of it."""


@dataclass(frozen=True, slots=True)
class _Ended:
    """A document that has ended, with its row."""

    document: Document
    row: dict[str, Any]


class StagedDocuments:
    """Stage the documents of one source, member after member.

    Documents that are open at the same time are a group: when all of them have ended, their rows belong
    to the source, except those of documents that the warehouse holds already.
    """

    def __init__(
        self,
        stage: Stage,
        ingest_id: str,
        ingest_number: int,
        max_bad: float,
        limits: Limits,
        known: KnownDocuments,
    ) -> None:
        self.count = 0
        self.rows: Counter[str] = Counter()
        self._stage = stage
        self._ingest_id = ingest_id
        self._ingest_number = ingest_number
        self._max_bad = max_bad
        self._limits = limits
        self._known = known
        self._category_sets: set[str] = set()
        self._document_ids: Counter[str] = Counter()
        self._open: dict[int, Document] = {}
        self._by_key: dict[int, Document] = {}
        self._ended: list[_Ended] = []

    def take(self, event: Event, origin: Origin) -> None:
        """Take one event of the member that `origin` names."""
        if isinstance(event, DocumentStart):
            key = self._ingest_number << 32 | self.count
            document = Document(key, self.count, event, origin)
            self._open[event.position] = self._by_key[key] = document
            self.count += 1
        elif isinstance(event, Block):
            self._take_block(event)
        else:
            self._end(self._open.pop(event.position), event)
            if not self._open:
                self._keep()

    def _take_block(self, block: Block) -> None:
        documents = [self._open[run.document] for run in block.runs]
        for document, run in zip(documents, block.runs, strict=True):
            document.met[block.section] += run.records
        for refused in block.refused:
            self._open[refused.document].met[block.section] += 1
        normalised = _normalised(block, documents, self._limits)
        for table, batch in normalised.tables.items():
            if table is CATEGORIES:
                documents[0].add(table, batch, None)
            else:
                self._hold(table, batch)
        self._take_findings(block.section, normalised)
        for position in block.also:
            self._repeat(block, normalised, self._open[position])

    def _repeat(self, block: Block, normalised: Normalised, document: Document) -> None:
        """Take the categories of a block, whose text is that of another document, for this one too."""
        document.met[block.section] += len(block.positions) + len(block.refused)
        document.add(CATEGORIES, normalised.tables[CATEGORIES], None)
        position = document.start.position
        findings = ([f.of(position) for f in found] for found in (normalised.quarantine, normalised.issues))
        self._take_findings(block.section, Normalised({}, *findings))

    def _take_findings(self, section: Section, normalised: Normalised) -> None:
        if normalised.quarantine:
            self._hold(QUARANTINE, self._finding_rows(QUARANTINE, normalised.quarantine))
        if normalised.issues:
            self._hold(ISSUES, self._finding_rows(ISSUES, normalised.issues))
        for finding in normalised.quarantine:
            document = self._open[finding.document]
            document.bad[section] += 1
            document.reasons.setdefault(section, finding)
            if document.bad[section] > HOPELESS_RECORDS:
                self._check_bad(document)

    def _end(self, document: Document, end: DocumentEnd) -> None:
        row = document.row(end, self._document_ids)
        self._check_bad(document)
        self._open[end.position] = document
        if doubts := document.doubts(end):
            self._hold(ISSUES, self._finding_rows(ISSUES, doubts))
        del self._open[end.position]
        self._ended.append(_Ended(document, row))

    def _keep(self) -> None:
        """End the group: what is new of it belongs to the source."""
        known = [self._known.holds(e.row["document_id"], e.row["fingerprint"]) for e in self._ended]
        if self._stage.has_spilled and not all(known):
            # Files of several documents: none can be taken out of them.
            known = [False] * len(known)
        new = [ended for ended, is_known in zip(self._ended, known, strict=True) if not is_known]
        old = [ended for ended, is_known in zip(self._ended, known, strict=True) if is_known]
        for ended in new:
            self._take_categories(ended.document)
            counts = ended.document.rows.items()
            self.rows.update({table.name: count for table, count in counts if table is not CATEGORIES})
        self._hold_rows(DOCUMENTS, [ended.row for ended in new])
        places = [{"document_key": e.document.key, "pointer": e.document.pointer} for e in new]
        self._hold_rows(DOCUMENT_POINTERS, places)
        self._stage.keep(without=[ended.document.key for ended in old])
        names = UNCHANGED_DOCUMENTS.arrow.names
        if old:
            rows = [{name: ended.row[name] for name in names} for ended in old]
            self._stage.add(UNCHANGED_DOCUMENTS, _batch(UNCHANGED_DOCUMENTS, rows))
        self._ended = []
        self._by_key = {}

    def _take_categories(self, document: Document) -> None:
        # A set belongs to no document: it is stored once, whichever brought it first.
        if document.category_set not in self._category_sets:
            self._category_sets.add(document.category_set)
            for batch in document.categories().to_batches():
                self.rows[CATEGORIES.name] += batch.num_rows
                self._stage.hold(CATEGORIES, batch)

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

    def _finding_rows(self, table: Table, findings: Sequence[Finding]) -> pa.RecordBatch:
        names = table.arrow.names
        rows = []
        for finding in findings:
            document = self._open[finding.document]
            row = {
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
            rows.append({name: row[name] for name in names})
        return _batch(table, rows)

    def _hold_rows(self, table: Table, rows: list[dict[str, Any]]) -> None:
        if rows:
            self.rows[table.name] += len(rows)
            self._stage.hold(table, _batch(table, rows))

    def _hold(self, table: Table, batch: pa.RecordBatch) -> None:
        """Take rows of documents of the group, document after document."""
        if not batch.num_rows:
            return
        self._stage.hold(table, batch)
        hashes = content_hashes(table, batch)
        keys = batch["document_key"].to_numpy()
        starts = np.flatnonzero(np.diff(keys, prepend=-1))
        ends = [*starts[1:].tolist(), batch.num_rows]
        sums = [None] * len(ends) if hashes is None else sums_of_runs(hashes, starts)
        for start, end, its_sums in zip(starts.tolist(), ends, sums, strict=True):
            rows = batch if len(ends) == 1 else batch.slice(start, end - start)
            self._by_key[int(keys[start])].add(table, rows, its_sums)


def _normalised(block: Block, documents: Sequence[Document], limits: Limits) -> Normalised:
    if block.section is Section.CATEGORIES:
        return category_batches(block)
    counts = [run.records for run in block.runs]
    keys = pa.array(np.repeat([document.key for document in documents], counts), BIGINT)
    if block.section is Section.ANNOTATIONS:
        return annotation_batches(block, keys, max_attributes=limits.attributes)
    return image_batches(block, keys)


def _batch(table: Table, rows: list[dict[str, Any]]) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist(rows, schema=table.arrow)
