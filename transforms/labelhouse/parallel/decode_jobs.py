"""Pieces of a text that another process decodes, and their results."""

import io
from collections.abc import Iterator
from dataclasses import dataclass

from labelhouse.coco.sections import Section
from labelhouse.errors import InputError
from labelhouse.limits import Limits
from labelhouse.normalise.categories import CategorySets
from labelhouse.readers.bulk_reader import BulkBlocks, events_of
from labelhouse.readers.chunks import RecordChunk
from labelhouse.readers.events import Block, DocumentEnd, DocumentStart, Event, moved
from labelhouse.staging.block_stager import BlockRows
from labelhouse.staging.document import Document, Origin
from labelhouse.staging.document_order import EndedDocument
from labelhouse.staging.document_stager import StagedPart, ended_document, stage_categories
from labelhouse.staging.known_documents import KnownDocuments
from labelhouse.staging.staging_area import Stage


@dataclass(frozen=True, slots=True)
class RecordsPiece:
    """`count` records of a large document; the first is record `first` of its section."""

    section: Section
    document: int
    in_list: bool
    key: int
    index: int
    first: int
    count: int


@dataclass(frozen=True, slots=True)
class DocumentsPiece:
    """`count` whole documents of a list; the first is document `position` of the text."""

    position: int
    key: int
    index: int
    count: int


class RefusedPieceError(Exception):
    """A piece does not hold what was expected: one process has to read the whole text."""


class Pieces:
    """Stage pieces of one source. Anything unexpected in a piece raises RefusedPieceError."""

    def __init__(
        self,
        stage: Stage,
        bulk: BulkBlocks,
        rows: BlockRows,
        known: KnownDocuments,
        block_bytes: int,
        limits: Limits,
    ) -> None:
        self._block_bytes = block_bytes
        self._limits = limits
        self.category_sets: dict[str, int] = {}
        self._sets = CategorySets()
        self._stage = stage
        self._bulk = bulk
        self._rows = rows
        self._known = known
        self._document: Document | None = None

    def take_records(self, piece: RecordsPiece, origin: Origin, text: bytes) -> None:
        """Stage the records of a text, which must hold exactly what the piece says."""
        if self._document is None:
            start = DocumentStart(piece.document, piece.in_list)
            self._document = Document(piece.key, piece.index, start, origin)
            self._rows.open(self._document)
        records = self._bulk.whole_records(piece.section, text)
        if records is None or len(records) != piece.count:
            raise RefusedPieceError
        record_chunk = RecordChunk(piece.section, piece.document, "", text, 0, records=records)
        block = self._bulk.block(record_chunk, piece.first)
        if block is None:
            raise RefusedPieceError
        try:
            self._rows.take(block)
        except InputError:
            raise RefusedPieceError from None

    def end_records(self) -> StagedPart:
        """End the document whose records have been taken; its files are its own."""
        assert self._document is not None
        self._stage.spill()
        part = StagedPart(self._document.summary(), self._stage.take_own())
        self._rows.close(self._document.start.position)
        self._document = None
        return part

    def take_documents(self, piece: DocumentsPiece, origin: Origin, text: bytes) -> list[EndedDocument]:
        """Stage the documents of a text, which must hold exactly what the piece says."""
        # A long document is read block by block, as in the parsing process.
        is_short = len(text) <= self._block_bytes
        found = self._bulk.whole_documents(piece.position, text) if is_short else None
        events = self._read_apart(piece, text) if found is None else found.events
        ended: list[EndedDocument] = []
        try:
            for event in events:
                if isinstance(event, DocumentStart):
                    offset = event.position - piece.position
                    self._rows.open(Document(piece.key + offset, piece.index + offset, event, origin))
                elif isinstance(event, Block):
                    self._rows.take(event)
                elif isinstance(event, DocumentEnd):
                    ended.append(self._end(event))
                    if self._rows.is_empty:
                        known = [document.key for document in ended if document.is_known]
                        self._stage.keep(without=known)
        except InputError:
            raise RefusedPieceError from None
        if len(ended) != piece.count:
            raise RefusedPieceError
        return ended

    def _read_apart(self, piece: DocumentsPiece, text: bytes) -> Iterator[Event]:
        """Yield the events of documents that cannot be decoded at once."""
        list_of_them = io.BytesIO(b"[%b]" % text)
        events = events_of(
            list_of_them, self._bulk, self._bulk, block_bytes=self._block_bytes, limits=self._limits
        )
        for event in events:
            yield moved(event, piece.position)

    def _end(self, end: DocumentEnd) -> EndedDocument:
        document = self._rows.document(end.position)
        row = document.row(end, self._sets)
        self._rows.check_bad(document)
        self._rows.add_issues(document.issues(end))
        self._rows.close(end.position)
        is_known = not self._stage.has_spilled and self._known.holds(
            str(row["document_id"]), str(row["fingerprint"])
        )
        if not is_known:
            stage_categories(self._stage, document, self.category_sets)
        return ended_document(document, row, is_known)
