"""Turn blocks of records into staged rows, and record in each open document what is stored for it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from labelhouse.coco.sections import Section
from labelhouse.errors import InputError
from labelhouse.hashing.content_hash import content_hashes
from labelhouse.hashing.fingerprint import sums_of_runs
from labelhouse.hashing.row_hashes import Hashes
from labelhouse.limits import Limits
from labelhouse.normalise.annotations import annotation_batches
from labelhouse.normalise.batches import Issues, Normalised, RecordIssue
from labelhouse.normalise.categories import category_batches
from labelhouse.normalise.compiled import compiled_batches, merged_batches
from labelhouse.normalise.images import image_batches
from labelhouse.readers.events import Block, CompiledBlock, DocumentIssue, TableRows
from labelhouse.reason_codes import ReasonCode
from labelhouse.schema.arrow_types import BIGINT, VARCHAR
from labelhouse.schema.label_row_tables import ONTOLOGY
from labelhouse.schema.warehouse_tables import ANNOTATIONS, CATEGORIES, IMAGES, ISSUES, QUARANTINE, Table
from labelhouse.staging.document import VIDEO_REMEDY, Document
from labelhouse.staging.staging_area import StagingArea
from labelhouse.staging.without_people import PeopleFilter
from labelhouse.texts.people import People

MAX_BAD_RECORDS = 100
"""Up to this many bad records of a section are accepted, unless it has no others."""
HOPELESS_RECORDS = 10_000
"""From this many bad records on, a section is judged by the part that has been read."""


class BlockStager:
    """Stage the records of the open documents, by their index in the text."""

    def __init__(
        self,
        area: StagingArea,
        ingest_id: str,
        max_bad: float,
        limits: Limits,
        people: People = People(),  # noqa: B008  (a frozen value)
    ) -> None:
        self.people = PeopleFilter(people)
        self._area = area
        self._ingest_id = ingest_id
        self._max_bad = max_bad
        self._limits = limits
        self._open: dict[int, Document] = {}
        self._by_key: dict[int, Document] = {}
        self._ontologies: set[str] = set()

    def open(self, document: Document) -> None:
        """Begin to take records of a document."""
        self._open[document.index] = self._by_key[document.key] = document

    def document(self, position: int) -> Document:
        """Return an open document."""
        return self._open[position]

    def close(self, position: int) -> None:
        """Stop taking records of a document."""
        del self._by_key[self._open.pop(position).key]

    @property
    def is_empty(self) -> bool:
        """Whether no document is open."""
        return not self._open

    def take(self, block: Block | CompiledBlock) -> None:
        """Stage the records of a block."""
        if isinstance(block, CompiledBlock):
            self._take_compiled(block)
            return
        block = self.people.block(block)
        normalised = self._normalised(block)
        for table, batch in normalised.tables.items():
            if table is CATEGORIES:
                self._open[block.runs[0].document].add_categories(batch)
            else:
                self._hold(table, batch)
        self._take_issues(block.section, normalised.quarantine, normalised.issues)
        for position in block.also:
            self._repeat(block, normalised, self._open[position])

    def _normalised(self, block: Block) -> Normalised:
        """Return the rows of a block, and count its records."""
        for refused in block.refused:
            self._open[refused.document].met[block.section] += 1
        return _normalised(block, self._documents_of(block), self._limits)

    def _documents_of(self, block: Block | CompiledBlock) -> list[Document]:
        """Return the document of each run of a block, and count its records."""
        documents = [self._open[run.document] for run in block.runs]
        for document, run in zip(documents, block.runs, strict=True):
            document.met[block.section] += run.records
        return documents

    def _take_compiled(self, block: CompiledBlock) -> None:
        tables, hashes = compiled_batches(block, _keys_of(block, self._documents_of(block)))
        if (others := block.others) is not None:
            normalised = self._normalised(others)
            tables, hashes = merged_batches(block, tables, hashes, normalised.tables)
            self._take_issues(others.section, normalised.quarantine, normalised.issues)
        for table, batch in tables.items():
            self._hold(table, batch, hashes if table is ANNOTATIONS else None)

    def take_rows(self, rows: TableRows) -> None:
        """Stage rows of a table that COCO has no section for."""
        columns = self.people.rows(rows).columns
        if rows.table is ONTOLOGY:
            # It belongs to no document: each version is stored once.
            [key] = set(columns["ontology"].to_pylist())
            if key not in self._ontologies:
                self._ontologies.add(key)
                self._area.add(ONTOLOGY, pa.record_batch(list(columns.values()), schema=ONTOLOGY.arrow))
            return
        keys = [self._open[document].key for document in rows.documents]
        arrays = [pa.array(keys, BIGINT), *columns.values()]
        self._hold(rows.table, pa.record_batch(arrays, schema=rows.table.arrow))

    def take_issue(self, issue: DocumentIssue) -> None:
        """Stage an issue of a document as a whole."""
        record_issue = RecordIssue(
            issue.document, None, None, "", issue.code, issue.message, place=issue.place
        )
        self.add_issues([record_issue])

    def add_issues(self, record_issues: Sequence[RecordIssue]) -> None:
        """Stage issues about open documents as a whole."""
        if record_issues:
            self._hold(ISSUES, self._record_issue_rows(ISSUES, record_issues))

    def check_bad(self, document: Document) -> None:
        """Raise InputError if too many records of a document could not be stored."""
        # The order is fixed, because readers meet the sections in different orders.
        for section in Section:
            bad, met = document.bad[section], document.met[section]
            if not bad:
                continue
            if bad == met or (bad > MAX_BAD_RECORDS and bad > self._max_bad * met):
                first = document.reasons[section]
                raise InputError(
                    ReasonCode.LIMIT_BAD_RECORDS if bad < met else first.code,
                    f"{bad:,} of {met:,} {section.value} cannot be stored, the first for {first.message}",
                    pointer=document.pointer + first.pointer,
                    remedy=_remedy(first.code, is_whole=bad == met),
                )

    def _repeat(self, block: Block, normalised: Normalised, document: Document) -> None:
        """Use the categories of a block for this document too: its text is that of the block's document."""
        document.met[block.section] += len(block.positions) + len(block.refused)
        document.add_categories(normalised.tables[CATEGORIES])
        if not normalised.quarantine and not len(normalised.issues.positions):
            return
        position = document.index
        quarantine = [finding.of(position) for finding in normalised.quarantine]
        self._take_issues(block.section, quarantine, normalised.issues.of(position))

    def _take_issues(self, section: Section, quarantine: Sequence[RecordIssue], issues: Issues) -> None:
        if quarantine:
            self._hold(QUARANTINE, self._record_issue_rows(QUARANTINE, quarantine))
        if len(issues.positions):
            self._hold(ISSUES, self._issue_rows(issues))
        for finding in quarantine:
            document = self._open[finding.document]
            document.bad[section] += 1
            document.reasons.setdefault(section, finding)
        for position in {finding.document for finding in quarantine}:
            if self._open[position].bad[section] > HOPELESS_RECORDS:
                self.check_bad(self._open[position])

    def _record_issue_rows(self, table: Table, record_issues: Sequence[RecordIssue]) -> pa.RecordBatch:
        names = table.arrow.names
        rows: list[dict[str, Any]] = []
        for finding in record_issues:
            document = self._open[finding.document]
            row = {
                "ingest_id": self._ingest_id,
                "document_key": document.key,
                "member": document.origin.member,
                "section": finding.section,
                "position": finding.position,
                "pointer": document.pointer + self.people.text(finding.pointer),
                "code": finding.code.value,
                "message": self.people.text(finding.message),
                "raw": self.people.raw(finding.raw),
            }
            rows.append({name: row[name] for name in names})
        return pa.RecordBatch.from_pylist(rows, schema=table.arrow)

    def _issue_rows(self, issues: Issues) -> pa.RecordBatch:
        """Return the rows of issues of values: there may be one or two a label."""
        indices, of_document = np.unique(issues.documents, return_inverse=True)
        documents = [self._open[index] for index in indices.tolist()]
        section = issues.section.value
        of_documents = {
            "document_key": pa.array([document.key for document in documents], BIGINT),
            "member": pa.array([document.origin.member for document in documents], VARCHAR),
            "section": pa.array([section] * len(documents), VARCHAR),
            "ingest_id": pa.array([self._ingest_id] * len(documents), VARCHAR),
            "array": pa.array([_array_of(document, issues) for document in documents], VARCHAR),
        }
        of_problems = {
            "code": pa.array([problem.code.value for problem in issues.kinds], VARCHAR),
            "message": pa.array([self.people.text(problem.text) for problem in issues.kinds], VARCHAR),
            "key": pa.array([f"/{self.people.text(problem.key)}" for problem in issues.kinds], VARCHAR),
        }
        columns = {name: values.take(pa.array(of_document)) for name, values in of_documents.items()}
        columns |= {name: values.take(pa.array(issues.problems)) for name, values in of_problems.items()}
        columns["position"] = pa.array(issues.positions)
        places = columns["position"].cast(VARCHAR) if issues.places is None else pa.array(issues.places)
        columns["pointer"] = pc.binary_join_element_wise(columns["array"], places, columns["key"], "")
        return pa.record_batch([columns[name] for name in ISSUES.arrow.names], schema=ISSUES.arrow)

    def _hold(self, table: Table, batch: pa.RecordBatch, hashes: Hashes | None = None) -> None:
        """Take rows of open documents, document after document; their `hashes` may be known."""
        if not batch.num_rows:
            return
        self._area.hold(table, batch)
        if hashes is None:
            hashes = content_hashes(table, batch)
        keys = batch["document_key"].to_numpy()
        starts = np.flatnonzero(np.diff(keys, prepend=-1))
        ends = [*starts[1:].tolist(), batch.num_rows]
        sums = [None] * len(ends) if hashes is None else sums_of_runs(hashes, starts)
        documents = [self._by_key[key] for key in keys[starts].tolist()]
        if table is IMAGES:
            firsts = pa.array(starts)
            kinds = (batch[name].take(firsts).to_pylist() for name in ("media_type", "data_hash"))
            for document, start, end, *kind in zip(documents, starts.tolist(), ends, *kinds, strict=True):
                document.see_images(batch.slice(start, end - start), *kind)
        elif table is ANNOTATIONS and (uuids := batch["encord_track_uuid"]).null_count < batch.num_rows:
            with_uuids = np.logical_or.reduceat(uuids.is_valid().to_numpy(zero_copy_only=False), starts)
            for index in np.flatnonzero(with_uuids).tolist():
                documents[index].see_uuids()
        for document, start, end, its_sums in zip(documents, starts.tolist(), ends, sums, strict=True):
            document.add(table, end - start, its_sums)


def _array_of(document: Document, issues: Issues) -> str:
    return document.pointer + (f"/{issues.section.value}/" if issues.places is None else "")


def _remedy(code: ReasonCode, *, is_whole: bool) -> str:
    if code is ReasonCode.YOUTUBE_VIS:
        return VIDEO_REMEDY
    return "mend the export" if is_whole else "mend the export, or raise --max-bad"


def _keys_of(block: Block | CompiledBlock, documents: Sequence[Document]) -> pa.Array:
    counts = [run.records for run in block.runs]
    return pa.array(np.repeat([document.key for document in documents], counts), BIGINT)


def _normalised(block: Block, documents: Sequence[Document], limits: Limits) -> Normalised:
    if block.section is Section.CATEGORIES:
        return category_batches(block)
    keys = _keys_of(block, documents)
    if block.section is Section.ANNOTATIONS:
        return annotation_batches(block, keys, max_attributes=limits.attributes)
    return image_batches(block, keys)
