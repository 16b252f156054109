"""Turn a reader's events into the staged rows of a source's documents."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from labelhouse.readers.events import Block, DocumentIssue, DocumentStart, RowEvent, TableRows
from labelhouse.schema.warehouse_tables import CATEGORIES
from labelhouse.staging.block_stager import BlockStager
from labelhouse.staging.document import Document, DocumentIds, Origin
from labelhouse.staging.document_group import DocumentGroup, StagedPart
from labelhouse.staging.document_order import DocumentOrder, EndedDocument
from labelhouse.staging.known_documents import KnownDocuments
from labelhouse.staging.staging_area import StagingArea


@dataclass(frozen=True, slots=True)
class DocumentsElsewhere:
    """Another process stages the next `count` documents of the source."""

    count: int


class StagedParts(Protocol):
    """Hand over the parts of a document that other processes have read."""

    def __call__(self) -> Sequence[StagedPart]:
        """Return the parts of the document that ends."""
        ...


class DocumentStager:
    """Stage the documents of one source, member after member."""

    def __init__(
        self,
        area: StagingArea,
        blocks: BlockStager,
        ingest_number: int,
        known: KnownDocuments,
        parts: StagedParts = lambda: (),
        *,
        keeps_list: bool = False,
    ) -> None:
        self.count = 0
        self._blocks = blocks
        self._ingest_number = ingest_number
        self._parts = parts
        self._group = DocumentGroup(area, blocks, known)
        self._order = DocumentOrder(area, self.key(0), keeps_list=keeps_list)
        self._ids = DocumentIds()
        self.is_unsplit = False
        """Whether some object has several data units of Encord's, and was not split into them."""

    def key(self, index: int) -> int:
        """Return the key of the document at an index of the source."""
        return self._ingest_number << 32 | index

    @property
    def is_named(self) -> bool:
        """Whether the id of some document comes from the name of its file or member."""
        return self._order.is_named

    @property
    def next_key(self) -> int:
        """Key of the document that begins next."""
        return self.key(self.count)

    def take(self, event: RowEvent | DocumentsElsewhere, origin: Origin) -> None:
        """Take one event of the member that `origin` names."""
        if isinstance(event, DocumentStart):
            self._blocks.open(self._begun(event, origin))
            self.count += 1
        elif isinstance(event, Block):
            self._blocks.take(event)
        elif isinstance(event, TableRows):
            self._blocks.take_rows(event)
        elif isinstance(event, DocumentIssue):
            self._blocks.take_issue(event)
        elif isinstance(event, DocumentsElsewhere):
            self.count += event.count
        else:
            document = self._blocks.document(event.position)
            self._order.add(self._group.end_document(event, self._ids, self._parts()))
            self.is_unsplit |= document.should_be_split(event)

    def _begun(self, start: DocumentStart, origin: Origin) -> Document:
        document = Document(self.next_key, self.count, start, origin)
        if not start.in_list and start.position:
            # How many records are too many to be bad is said of an object, not of each of its data units.
            first = self._blocks.document(0)
            document.met, document.bad, document.reasons = first.met, first.bad, first.reasons
        return document

    def accept(self, ended: Sequence[EndedDocument], category_sets: dict[str, int]) -> None:
        """Take documents that another process has staged; their ids must be new to the source."""
        for document in ended:
            self._ids.add(document.row["document_id"])
        self._order.add(ended)
        self._group.category_sets.update(category_sets)

    def has_collisions(self) -> bool:
        """Whether documents that several processes staged have an id in common."""
        return self._ids.has_collisions()

    def finish(self) -> Counter[str]:
        """End the source and return how many rows each table got."""
        rows = self._order.finish(self.count)
        rows[CATEGORIES.name] = sum(self._group.category_sets.values())
        return +rows
