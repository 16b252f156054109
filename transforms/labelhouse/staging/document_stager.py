"""Turn a reader's events into the staged rows of a source's documents."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from labelhouse.readers.events import (
    AnyBlock,
    DocumentBlock,
    DocumentIssue,
    DocumentStart,
    KnownDocument,
    RowEvent,
    TableRows,
)
from labelhouse.schema.warehouse_tables import CATEGORIES, ISSUES
from labelhouse.staging.block_stager import BlockStager
from labelhouse.staging.document import Document, DocumentIds, Origin
from labelhouse.staging.document_group import DocumentGroup, StagedPart
from labelhouse.staging.document_order import DocumentOrder, EndedDocument
from labelhouse.staging.known_documents import KnownDocuments
from labelhouse.staging.known_texts import ReadTexts
from labelhouse.staging.staging_area import StagingArea
from labelhouse.staging.together.document_columns import DocumentColumns, DocumentPlaces


@dataclass(frozen=True, slots=True)
class DocumentsElsewhere:
    """Another process stages the next `count` documents of the source."""

    count: int


class NotRecognisedError(Exception):
    """Documents were not decoded because their texts are known, but now they have to be decoded."""


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
        self._has_known = False
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
    def texts(self) -> ReadTexts:
        """The texts of the documents that can be recognised."""
        return self._order.texts

    @property
    def next_key(self) -> int:
        """Key of the document that begins next."""
        return self.key(self.count)

    def take(self, event: RowEvent | DocumentsElsewhere, origin: Origin) -> None:
        """Take one event of the member that `origin` names.

        Raises NotRecognisedError if documents have an id in common, and some of them were not decoded.
        """
        if isinstance(event, DocumentStart):
            self._blocks.open(self._begun(event, origin))
            self.count += 1
        elif isinstance(event, AnyBlock):
            self._blocks.take(event)
        elif isinstance(event, TableRows):
            self._blocks.take_rows(event)
        elif isinstance(event, DocumentIssue):
            self._blocks.take_issue(event)
        elif isinstance(event, DocumentsElsewhere):
            self.count += event.count
        elif isinstance(event, KnownDocument):
            self._order.add([self._known(event, origin, self.count)])
            self.count += 1
        elif isinstance(event, DocumentBlock):
            starts = [DocumentStart(position, in_list=True) for position in event.positions]
            self.take_together(event, starts, [origin] * len(starts))
        else:
            document = self._blocks.document(event.position)
            self._order.add(self._group.end_document(event, self._ids, self._parts()))
            self.is_unsplit |= document.should_be_split(event)
        if self._has_known and self._ids.has_collisions():
            raise NotRecognisedError

    def take_together(
        self,
        block: DocumentBlock,
        starts: Sequence[DocumentStart],
        origins: Sequence[Origin],
    ) -> None:
        """Take whole documents, perhaps of several members; the starts and origins are theirs."""
        # A document that is known lies where it would begin.
        first = min([block.positions[0], *(known.position for known in block.known[:1])])
        indices = self.count + np.array(block.positions, np.int64) - first
        places = DocumentPlaces(self.key(0) + indices, indices, starts, origins)
        others = [
            self._known(known, origins[0], self.count + known.position - first) for known in block.known
        ]
        self.count += len(block.positions) + len(others)
        documents = DocumentColumns(block, places)
        with self._blocks.together(documents):
            for records in block.blocks:
                self._blocks.take(records)
            self._order.add_together(self._group.end_together(documents, self._ids), others)

    def _known(self, event: KnownDocument, origin: Origin, index: int) -> EndedDocument:
        """Return a document that has not been decoded: the warehouse holds what its text says."""
        known = event.known
        own_id = known.document_id or origin.name_of(DocumentStart(event.position, in_list=True))
        self._ids.add(own_id)
        self._has_known = True
        row = {
            "document_key": self.key(index),
            "ingest_id": origin.ingest_id,
            "document_id": own_id,
            "fingerprint": known.fingerprint,
        }
        return EndedDocument(
            self.key(index),
            row,
            f"/{event.position}",
            {ISSUES.name: known.issues} if known.issues else {},
            is_known=True,
            is_named=known.document_id is None,
            digest=event.digest,
        )

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
