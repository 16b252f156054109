"""Decode records and whole documents of a text at once, into columns.

The decoder refuses a text that is not a list of objects, a number beyond a double, half of a surrogate
pair, text that is not JSON.
"""

from collections.abc import Iterator, Sequence
from itertools import chain
from operator import attrgetter
from typing import Any

import msgspec

from labelhouse.coco.json_errors import may_hold_lone_surrogate
from labelhouse.coco.json_syntax import WHITE_SPACE
from labelhouse.coco.sections import Section
from labelhouse.coco.values import MISSING
from labelhouse.limits import Limits
from labelhouse.readers.bulk.columns import BlockColumns, DecodedAnswers, columns_of_records
from labelhouse.readers.bulk.compiled import CompiledDecoder, may_be_compiled
from labelhouse.readers.bulk.decoded import (
    OUTER_DEPTH,
    CutDocuments,
    DecodedDocuments,
    DecodedRecords,
    check_text,
    checked_columns,
    inside_of,
    kept_digests,
)
from labelhouse.readers.bulk.documents import (
    DocumentDecoder,
    RawOfDocuments,
    prefix_of_documents,
    runs_of_equal_texts,
)
from labelhouse.readers.bulk.records import RecordDecoder, RefusedError
from labelhouse.readers.chunks import ArrayPlace, RecordChunk
from labelhouse.readers.events import (
    Block,
    CompiledBlock,
    DocumentBlock,
    RawRecords,
    Run,
)

_MIN_DEPTH = 16
"""Below this limit on nesting, which no export needs, every bracket is checked."""
_TEXTS = msgspec.json.Decoder(list[msgspec.Raw])
_TEXT = msgspec.json.Decoder(msgspec.Raw)
_MOST_OBJECTS = 5_000
"""A text with more objects is read by itself."""


class BulkDecoder:
    """Decode records and documents, as a chunks.PrefixDecoder, into the blocks of a reader.

    It remembers the keys and the answers that it has met, for speed only. Where a text is being read, a
    DocumentCursor knows.
    """

    def __init__(
        self, limits: Limits, block_bytes: int, *, digests: bool = False, is_compiled: bool = False
    ) -> None:
        self._digests = digests
        self._depth = limits.depth
        self._records = {section: RecordDecoder(section) for section in Section}
        self._documents = DocumentDecoder(self._records)
        self._answers = DecodedAnswers()
        self._compiled = (
            CompiledDecoder(self._records, self._answers, limits)
            if is_compiled and may_be_compiled(limits)
            else None
        )
        # Limits on a record, and on what is held of a document, are checked chunk by chunk.
        self._most_bytes = min(limits.record_bytes, limits.document_bytes) // 2
        self._takes_documents = min(limits.record_bytes, limits.document_bytes) >= 2 * block_bytes

    def records(self, array: ArrayPlace, text: bytes, offset: int) -> DecodedRecords | None:
        """Decode whole records from the start of a text."""
        if self._depth < _MIN_DEPTH:
            return None
        compiled = self._compiled if array.section is Section.ANNOTATIONS else None
        if compiled and (taken := compiled.records_from_start(array, text, offset)) is not None:
            return taken
        prefix = self._records[array.section].decoded_prefix(text)
        if prefix is None:
            return None
        return DecodedRecords(RecordChunk(array, text[: prefix.end], offset), prefix.objects)

    def documents(self, position: int, text: bytes, offset: int) -> DecodedDocuments | None:
        """Decode whole documents from the start of a text; the first is document `position` of the list."""
        if self._depth < _MIN_DEPTH or not self._takes_documents:
            return None
        prefix = self._documents.decoded_prefix(text)
        if prefix is None:
            return None
        positions = range(position, position + len(prefix.objects))
        return self._documents_of(prefix.objects, positions, text[: prefix.end])

    def cut_documents(self, position: int, text: bytes, offset: int) -> CutDocuments | None:
        """Cut whole documents from the start of a text; nothing is known yet of what is in them."""
        if self._depth < _MIN_DEPTH or not self._takes_documents:
            return None
        prefix = prefix_of_documents(_cut, text)
        if prefix is None:
            return None
        return CutDocuments(position, prefix.objects, text, offset, prefix.end)

    def may_hold(self, size: int) -> bool:
        """Return whether a document of this size may be held as a text, by the limits."""
        return self._takes_documents and self._depth >= _MIN_DEPTH and size <= self._most_bytes

    def cut_text(self, text: bytes) -> tuple[bool, list[bytes]] | None:
        """Return whether a small text is a list, and the texts of its documents.

        Returns None for a text that needs the splitter, among them an object of several images, which may
        have to be split.
        """
        text = text.strip(WHITE_SPACE)
        in_list = text.startswith(b"[")
        if (
            self._depth < _MIN_DEPTH
            or not self._takes_documents
            or b"\v" in text
            or b"\f" in text
            or text.count(b"{") > _MOST_OBJECTS
            or not (in_list or _has_one_image(text))
        ):
            return None
        try:
            texts = [bytes(raw) for raw in (_TEXTS.decode(text) if in_list else [_TEXT.decode(text)])]
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        return (in_list, texts) if texts and all(one.startswith(b"{") for one in texts) else None

    def wants_more(self, position: int, size: int) -> bool:
        """Return False: a longer document is decoded section by section."""
        return False

    def whole_records(self, chunk: RecordChunk) -> DecodedRecords | None:
        """Decode a text that holds only whole records; None if it does not."""
        compiled = self._compiled if chunk.array.section is Section.ANNOTATIONS else None
        if compiled and (taken := compiled.records(chunk)) is not None:
            return taken
        try:
            return DecodedRecords(chunk, self._records[chunk.array.section].decode(chunk.text))
        except (RefusedError, msgspec.DecodeError):
            return None

    def whole_documents(
        self, positions: Sequence[int], text: bytes, digests: Sequence[str] | None = None
    ) -> DecodedDocuments | None:
        """Decode a text that holds only whole documents; None if it does not."""
        if self._compiled is not None:
            decoded = self._compiled.documents(positions, text, digests, with_digests=self._digests)
            if decoded is not None:
                return decoded
        try:
            documents = self._documents.decode(text)
            if len(documents) != len(positions):
                return None
            return self._documents_of(documents, positions, text, digests)
        except (RefusedError, msgspec.DecodeError):
            return None

    def block(self, records: RecordChunk | DecodedRecords, first: int) -> Block | CompiledBlock | None:
        """Return the block of records, or None if the ijson reader has to read them.

        The first one is record `first` of its section.
        """
        if isinstance(records, RecordChunk) and self._compiled is not None:
            records = self.whole_records(records) or records
        if isinstance(records, DecodedRecords) and records.labels is not None:
            assert self._compiled is not None
            # If the ijson reader has to read the records that were declined, it reads all of the chunk.
            return self._compiled.block(records, first)
        return self._block(records, first)

    def _block(self, records: RecordChunk | DecodedRecords, first: int) -> Block | None:
        chunk = records if isinstance(records, RecordChunk) else records.chunk
        section = chunk.array.section
        decoder = self._records[section]
        if may_hold_lone_surrogate(chunk.text):
            return None
        try:
            check_text(chunk.text)
            decoded = records.records if isinstance(records, DecodedRecords) else decoder.decode(chunk.text)
            block = columns_of_records(section, decoded, decoder.others, self._answers)
        except (RefusedError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        # msgspec has no limit on nesting; number lists are exactly as deep as they have to be.
        if chunk.spans is None and block.depth + OUTER_DEPTH > self._depth:
            return None
        return Block(
            section,
            [Run(chunk.array.document, len(decoded))],
            range(first, first + len(decoded)),
            block.columns,
            block.extra,
            RawRecords(chunk.text, chunk.spans),
            nulls=block.nulls,
        )

    def _documents_of(
        self,
        documents: Sequence[Any],
        positions: Sequence[int],
        text: bytes,
        digests: Sequence[str] | None = None,
    ) -> DecodedDocuments | None:
        try:
            return self._decoded(documents, positions, text, digests)
        except (RefusedError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None

    def _decoded(
        self,
        documents: Sequence[Any],
        positions: Sequence[int],
        text: bytes,
        digests: Sequence[str] | None,
    ) -> DecodedDocuments:
        """Return what is in documents. Raises RefusedError if this reader does not take them."""
        if may_hold_lone_surrogate(text):
            raise RefusedError
        check_text(text)
        values = self._documents.values_of(documents, text, self._depth)
        blocks = [
            *self._section_block(Section.IMAGES, documents, positions, text),
            *self._section_block(Section.ANNOTATIONS, documents, positions, text),
            *self._category_blocks(documents, positions),
        ]
        present = {section: self._documents.present(documents, section) for section in Section}
        sections = [
            frozenset(section for section in Section if present[section][index])
            for index in range(len(positions))
        ]
        kept = self._digests_of(documents, text, digests)
        block = DocumentBlock(positions, blocks, sections, kept, dict(enumerate(values)))
        return DecodedDocuments(block, len(text))

    def _digests_of(
        self, documents: Sequence[Any], text: bytes, digests: Sequence[str] | None
    ) -> Sequence[str | None]:
        """Return the digests of the texts, None for those that are not to be remembered."""
        if not self._digests:
            return [None] * len(documents)
        raw_texts = _TEXTS.decode(b"[%b]" % text)
        spans, end = [], 0
        for raw in raw_texts:
            start = text.index(b"{", end)
            end = start + len(bytes(raw))
            spans.append((start, end))
        return kept_digests(text, spans, map(_urls, documents), digests)

    def _section_block(
        self, section: Section, documents: Sequence[Any], positions: Sequence[int], text: bytes
    ) -> Iterator[Block]:
        sections = map(attrgetter(section.value), documents)
        lists = [() if records is MISSING else records for records in sections]
        records = list(chain.from_iterable(lists))
        if not records:
            return
        block = self._columns(section, records)
        yield Block(
            section,
            [Run(position, len(rows)) for position, rows in zip(positions, lists, strict=True) if rows],
            list(chain.from_iterable(map(range, map(len, lists)))),
            block.columns,
            block.extra,
            RawOfDocuments(text, section),
            nulls=block.nulls,
        )

    def _columns(self, section: Section, records: Sequence[Any]) -> BlockColumns:
        return checked_columns(section, records, self._records[section], self._answers, self._depth)

    def _category_blocks(self, documents: Sequence[Any], positions: Sequence[int]) -> Iterator[Block]:
        decoder = self._records[Section.CATEGORIES]
        for array, indices in runs_of_equal_texts(documents):
            text = inside_of(array)
            if not text:
                continue
            records = decoder.decode(text)
            block = self._columns(Section.CATEGORIES, records)
            yield Block(
                Section.CATEGORIES,
                [Run(positions[indices[0]], len(records))],
                range(len(records)),
                block.columns,
                block.extra,
                RawRecords(text),
                nulls=block.nulls,
                also=[positions[index] for index in indices[1:]],
            )


def _has_one_image(text: bytes) -> bool:
    """Return whether a text has surely no more than one image with a name."""
    return text.startswith(b"{") and text.count(b'"file_name"') < 2 and b"\\u00" not in text


def _cut(text: bytes | memoryview) -> list[msgspec.Raw]:
    """Cut a text of documents joined by commas. Raises DecodeError, or RefusedError."""
    try:
        return _TEXTS.decode(b"".join((b"[", text, b"]")))
    except (UnicodeDecodeError, RecursionError):
        raise RefusedError from None


def _urls(document: Any) -> int:
    """Return how many images of a document have a `coco_url` that is a text."""
    images = () if document.images is MISSING else document.images
    return sum(image.coco_url.__class__ is str for image in images)
