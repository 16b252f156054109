"""Jobs for decoding processes: pieces of a text, and what becomes of them."""

import io
from collections.abc import Iterator
from dataclasses import dataclass

from labelhouse.coco.sections import Section
from labelhouse.errors import InputError
from labelhouse.limits import Limits
from labelhouse.readers.bulk.decoder import BulkDecoder
from labelhouse.readers.bulk_reader import events_of
from labelhouse.readers.chunks import ArrayPlace, RecordChunk
from labelhouse.readers.events import (
    AnyBlock,
    DocumentBlock,
    DocumentEnd,
    DocumentStart,
    Event,
    moved,
)
from labelhouse.staging.block_stager import BlockStager
from labelhouse.staging.document import Document, DocumentIds, Origin
from labelhouse.staging.document_group import DocumentGroup, StagedPart
from labelhouse.staging.document_order import EndedDocument
from labelhouse.staging.known_documents import KnownDocuments
from labelhouse.staging.staging_area import StagingArea


@dataclass(frozen=True, slots=True)
class RecordsJob:
    """Decode `count` records of a large document; the first is record `first` of its section."""

    section: Section
    document: int
    in_list: bool
    key: int
    index: int
    first: int
    count: int


@dataclass(frozen=True, slots=True)
class DocumentsJob:
    """Decode `count` whole documents of a list; the first is document `position` of the text."""

    position: int
    key: int
    index: int
    count: int


class RefusedJobError(Exception):
    """A text does not hold what its job says: one process has to read the whole text."""


class JobStager:
    """Stage the jobs of one source. Anything unexpected in a text raises RefusedJobError."""

    def __init__(
        self,
        area: StagingArea,
        decoder: BulkDecoder,
        blocks: BlockStager,
        known: KnownDocuments,
        block_bytes: int,
        limits: Limits,
    ) -> None:
        self._block_bytes = block_bytes
        self._limits = limits
        self._area = area
        self._decoder = decoder
        self._blocks = blocks
        self._group = DocumentGroup(area, blocks, known)
        self._document: Document | None = None

    @property
    def category_sets(self) -> dict[str, int]:
        """Rows of the category sets that are staged."""
        return self._group.category_sets

    def take_records(self, job: RecordsJob, origin: Origin, text: bytes) -> None:
        """Stage the records of a text, which must hold exactly what the job says."""
        if self._document is None:
            start = DocumentStart(job.document, job.in_list)
            self._document = Document(job.key, job.index, start, origin)
            self._blocks.open(self._document)
        chunk = RecordChunk(ArrayPlace(job.section, job.document, ""), text, 0)
        records = self._decoder.whole_records(chunk)
        if records is None or records.count != job.count:
            raise RefusedJobError
        block = self._decoder.block(records, job.first)
        if block is None:
            raise RefusedJobError
        try:
            self._blocks.take(block)
        except InputError:
            raise RefusedJobError from None

    def end_records(self) -> StagedPart:
        """Hand over what has been taken of the document whose records came; its files are its own."""
        assert self._document is not None
        self._area.spill()
        part = StagedPart(self._document.summary(), self._area.take_own())
        self._blocks.close(self._document.index)
        self._document = None
        return part

    def take_documents(self, job: DocumentsJob, origin: Origin, text: bytes) -> list[EndedDocument]:
        """Stage the documents of a text, which must hold exactly what the job says."""
        # A long document is read block by block, as in the parsing process.
        is_short = len(text) <= self._block_bytes
        positions = range(job.position, job.position + job.count)
        documents = self._decoder.whole_documents(positions, text) if is_short else None
        events = self._read_apart(job, text) if documents is None else documents.block.events
        ended: list[EndedDocument] = []
        try:
            for event in events:
                if isinstance(event, DocumentStart):
                    offset = event.position - job.position
                    self._blocks.open(Document(job.key + offset, job.index + offset, event, origin))
                elif isinstance(event, AnyBlock):
                    self._blocks.take(event)
                elif isinstance(event, DocumentEnd):
                    # The parsing process compares the ids of all documents.
                    ended += self._group.end_document(event, DocumentIds())
        except InputError:
            raise RefusedJobError from None
        if len(ended) != job.count:
            raise RefusedJobError
        return ended

    def _read_apart(self, job: DocumentsJob, text: bytes) -> Iterator[Event]:
        """Yield the events of documents that cannot be decoded at once."""
        list_of_them = io.BytesIO(b"[%b]" % text)
        for event in events_of(
            list_of_them, self._decoder, block_bytes=self._block_bytes, limits=self._limits
        ):
            for one in event.events if isinstance(event, DocumentBlock) else (event,):
                yield moved(one, job.position)
