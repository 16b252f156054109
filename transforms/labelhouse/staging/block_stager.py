"""Turn blocks of records into staged rows, and record in each open document what is stored for it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
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
from labelhouse.normalise.compiled import (
    compiled_batches,
    compiled_image_batch,
    merged_batches,
    merged_images,
)
from labelhouse.normalise.images import image_batches
from labelhouse.readers.events import (
    AnyBlock,
    Block,
    BlockColumn,
    CompiledBlock,
    CompiledImageBlock,
    DocumentIssue,
    TableRows,
)
from labelhouse.reason_codes import ReasonCode
from labelhouse.schema.arrow_types import BIGINT, VARCHAR
from labelhouse.schema.label_row_tables import ONTOLOGY
from labelhouse.schema.warehouse_tables import ANNOTATIONS, CATEGORIES, IMAGES, ISSUES, QUARANTINE, Table
from labelhouse.staging.document import VIDEO_REMEDY, Document
from labelhouse.staging.staging_area import StagingArea
from labelhouse.staging.together.document_columns import DocumentColumns
from labelhouse.staging.together.open_documents import OpenDocuments
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
        self._one_by_one = OpenDocuments()
        self._open: OpenDocuments | DocumentColumns = self._one_by_one
        self._ontologies: set[str] = set()
        self._last_categories: tuple[Mapping[str, BlockColumn], Normalised] | None = None

    def open(self, document: Document) -> None:
        """Begin to take records of a document."""
        self._one_by_one.open(document)

    def document(self, position: int) -> Document:
        """Return an open document."""
        return self._open.document(position)

    def close(self, position: int) -> None:
        """Stop taking records of a document."""
        self._one_by_one.close(position)

    @property
    def is_empty(self) -> bool:
        """Whether no document is open."""
        return self._one_by_one.is_empty

    @contextmanager
    def together(self, documents: DocumentColumns) -> Iterator[None]:
        """Take records of many documents, and of no other ones, until the block ends."""
        assert self.is_empty
        self._open = documents
        try:
            yield
        finally:
            self._open = self._one_by_one

    def take(self, block: AnyBlock) -> None:
        """Stage the records of a block."""
        if isinstance(block, CompiledBlock):
            self._take_compiled(block)
            return
        if isinstance(block, CompiledImageBlock):
            self._take_images(block)
            return
        block = self.people.block(block)
        if block.section is Section.CATEGORIES:
            self._take_categories(block)
            return
        normalised = self._normalised(block)
        for table, batch in normalised.tables.items():
            self._hold(table, batch)
        self._take_issues(block.section, normalised.quarantine, normalised.issues)

    def _take_categories(self, block: Block) -> None:
        """Hold the categories of a block, also for the documents whose text of them is the same."""
        self._meet_refused(block)
        own = [run.document for run in block.runs]
        self._open.meet(block.section, own, [run.records for run in block.runs])
        if self._last_categories is not None and self._last_categories[0] is block.columns:
            normalised = self._last_categories[1]
        else:
            normalised = category_batches(block)
            is_good = not normalised.quarantine and not len(normalised.issues.positions)
            self._last_categories = (block.columns, normalised) if is_good else None
        records = len(block.positions) + len(block.refused)
        self._open.meet(block.section, block.also, [records] * len(block.also))
        self._open.add_categories([*own, *block.also], normalised.tables[CATEGORIES])
        self._take_issues(block.section, normalised.quarantine, normalised.issues)
        if normalised.quarantine or len(normalised.issues.positions):
            for position in block.also:
                quarantine = [finding.of(position) for finding in normalised.quarantine]
                self._take_issues(block.section, quarantine, normalised.issues.of(position))

    def _normalised(self, block: Block) -> Normalised:
        """Return the rows of a block of images or labels, and count its records."""
        self._meet_refused(block)
        keys = self._keys_of(block)
        if block.section is Section.ANNOTATIONS:
            return annotation_batches(block, keys, max_attributes=self._limits.attributes)
        return image_batches(block, keys)

    def _meet_refused(self, block: Block) -> None:
        if block.refused:
            positions = [refused.document for refused in block.refused]
            self._open.meet(block.section, positions, [1] * len(positions))

    def _keys_of(self, block: AnyBlock) -> pa.Array:
        """Return the key of each record's document, and count the records."""
        counts = [run.records for run in block.runs]
        keys = self._open.meet(block.section, [run.document for run in block.runs], counts)
        return pa.array(np.repeat(keys, counts), BIGINT)

    def _take_compiled(self, block: CompiledBlock) -> None:
        tables, hashes = compiled_batches(block, self._keys_of(block))
        if (others := block.others) is not None:
            normalised = self._normalised(others)
            tables, hashes = merged_batches(block, tables, hashes, normalised.tables)
            self._take_issues(others.section, normalised.quarantine, normalised.issues)
        for table, batch in tables.items():
            self._hold(table, batch, hashes if table is ANNOTATIONS else None)

    def _take_images(self, block: CompiledImageBlock) -> None:
        rows, hashes = compiled_image_batch(block, self._keys_of(block))
        if (others := block.others) is not None:
            normalised = self._normalised(others)
            rows, hashes = merged_images(rows, hashes, normalised.tables[IMAGES])
            self._take_issues(others.section, normalised.quarantine, normalised.issues)
        self._hold(IMAGES, rows, hashes)

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
        keys = [self.document(position).key for position in rows.documents]
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

    def _take_issues(self, section: Section, quarantine: Sequence[RecordIssue], issues: Issues) -> None:
        if quarantine:
            self._hold(QUARANTINE, self._record_issue_rows(QUARANTINE, quarantine))
        if len(issues.positions):
            self._hold(ISSUES, self._issue_rows(issues))
        for finding in quarantine:
            document = self.document(finding.document)
            document.bad[section] += 1
            document.reasons.setdefault(section, finding)
        for position in {finding.document for finding in quarantine}:
            document = self.document(position)
            if document.bad[section] > HOPELESS_RECORDS:
                self.check_bad(document)

    def _record_issue_rows(self, table: Table, record_issues: Sequence[RecordIssue]) -> pa.RecordBatch:
        names = table.arrow.names
        rows: list[dict[str, Any]] = []
        for finding in record_issues:
            document = self.document(finding.document)
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
        documents = [self.document(index) for index in indices.tolist()]
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
        starts = np.flatnonzero(np.diff(batch["document_key"].to_numpy(), prepend=-1))
        self._open.add(table, batch, starts, None if hashes is None else sums_of_runs(hashes, starts))


def _array_of(document: Document, issues: Issues) -> str:
    return document.pointer + (f"/{issues.section.value}/" if issues.places is None else "")


def _remedy(code: ReasonCode, *, is_whole: bool) -> str:
    if code is ReasonCode.YOUTUBE_VIS:
        return VIDEO_REMEDY
    return "mend the export" if is_whole else "mend the export, or raise --max-bad"
