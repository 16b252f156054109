"""Turn a reader's events into the staged rows of a source's documents."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from labelhouse.manifest import StagedFile
from labelhouse.normalise.categories import CategorySets
from labelhouse.readers.events import Block, DocumentEnd, DocumentStart, Elsewhere, Event
from labelhouse.schema.warehouse_tables import CATEGORIES, Table
from labelhouse.staging.block_stager import BlockRows
from labelhouse.staging.document import Document, DocumentSummary, Origin
from labelhouse.staging.document_order import DocumentRows, EndedDocument
from labelhouse.staging.known_documents import KnownDocuments
from labelhouse.staging.staging_area import Stage


@dataclass(frozen=True, slots=True)
class StagedPart:
    """Another process's result for the records of a document, in files of the document's own."""

    summary: DocumentSummary
    files: Sequence[StagedFile]


class StagedParts(Protocol):
    """Hand over the parts of a document that other processes have read."""

    def __call__(self) -> Sequence[StagedPart]:
        """Return the parts of the document that ends."""
        ...


class StagedDocuments:
    """Stage the documents of one source, member after member.

    Documents that are open at the same time are a group. When all of them have ended, their rows belong to
    the source, except those of documents that the warehouse holds already.
    """

    def __init__(
        self,
        stage: Stage,
        blocks: BlockRows,
        ingest_number: int,
        known: KnownDocuments,
        parts: StagedParts = lambda: (),
    ) -> None:
        self.count = 0
        self._stage = stage
        self._blocks = blocks
        self._ingest_number = ingest_number
        self._known = known
        self._parts = parts
        self._rows = DocumentRows(stage, self.key(0))
        self._sets = CategorySets()
        self._category_sets: dict[str, int] = {}
        self._document_ids: Counter[str] = Counter()
        self._ended: list[tuple[Document, dict[str, Any], Sequence[StagedPart]]] = []

    def key(self, index: int) -> int:
        """Return the key of the document at an index of the source."""
        return self._ingest_number << 32 | index

    @property
    def next_key(self) -> int:
        """Key of the document that begins next."""
        return self.key(self.count)

    def take(self, event: Event, origin: Origin) -> None:
        """Take one event of the member that `origin` names."""
        if isinstance(event, DocumentStart):
            self._blocks.open(Document(self.next_key, self.count, event, origin))
            self.count += 1
        elif isinstance(event, Block):
            self._blocks.take(event)
        elif isinstance(event, Elsewhere):
            self.count += event.documents
        else:
            self._end(event)
            if self._blocks.is_empty:
                self._keep()

    def accept(self, ended: Sequence[EndedDocument], category_sets: dict[str, int]) -> None:
        """Take documents that another process has staged; their ids must be new to the source."""
        for document in ended:
            self._document_ids[document.row["document_id"]] += 1
        self._rows.add(ended)
        self._category_sets.update(category_sets)

    def has_collisions(self) -> bool:
        """Whether documents that several processes staged have an id in common."""
        return any(count > 1 for count in self._document_ids.values())

    def finish(self) -> Counter[str]:
        """End the source and return how many rows each table got."""
        rows = self._rows.finish(self.count)
        rows[CATEGORIES.name] = sum(self._category_sets.values())
        return +rows

    def _end(self, end: DocumentEnd) -> None:
        document = self._blocks.document(end.position)
        parts = self._parts()
        for part in parts:
            document.merge(part.summary)
        row = document.row(end, self._sets, self._document_ids)
        self._blocks.check_bad(document)
        self._blocks.add_issues(document.issues(end))
        self._blocks.close(end.position)
        self._ended.append((document, row, parts))

    def _keep(self) -> None:
        """End the group: its new documents belong to the source."""
        known = [self._known.holds(row["document_id"], row["fingerprint"]) for _, row, _ in self._ended]
        if self._stage.has_spilled and not all(known):
            # Files of several documents: no single document can be removed from them.
            known = [False] * len(known)
        old = [
            document.key for (document, _, _), is_known in zip(self._ended, known, strict=True) if is_known
        ]
        for (document, _, parts), is_known in zip(self._ended, known, strict=True):
            self._stage.adopt([file for part in parts for file in part.files], drop=is_known)
            if not is_known:
                stage_categories(self._stage, document, self._category_sets)
        self._stage.keep(without=old)
        self._rows.add(
            [
                ended_document(document, row, is_known)
                for (document, row, _), is_known in zip(self._ended, known, strict=True)
            ]
        )
        self._ended = []


def ended_document(document: Document, row: dict[str, Any], is_known: bool) -> EndedDocument:
    """Return what remains of a document that has ended."""
    counts = {table.name: count for table, count in document.rows.items() if table is not CATEGORIES}
    return EndedDocument(document.key, row, document.pointer, counts, is_known)


def stage_categories(stage: Stage, document: Document, staged: dict[str, int]) -> None:
    """Stage the categories of a document unless `staged`, rows by category set, has them.

    A set belongs to no document: it is stored once, for the first document that has it.
    """
    if document.category_set not in staged:
        categories = document.categories()
        staged[document.category_set] = categories.num_rows
        _add(stage, CATEGORIES, categories)


def _add(stage: Stage, table: Table, rows: Any) -> None:
    for batch in rows.to_batches():
        stage.add(table, batch)
