"""The fast reader: msgspec decodes a block of records at once, number lists go straight to Arrow.

The decoder refuses some blocks. They go to the ijson reader, which reports what is wrong and where.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from labelhouse.coco.sections import Section
from labelhouse.limits import BLOCK_BYTES, DEFAULT_LIMITS, Limits
from labelhouse.readers import ijson_reader
from labelhouse.readers.bulk_decoder import BulkDecoder, BulkPrefix, DecodedDocuments, DecodedRecords
from labelhouse.readers.chunks import PrefixDecoder, RecordChunk
from labelhouse.readers.events import Block, DocumentStart, Event
from labelhouse.readers.text_splitter import SplitEvent, check_depth, split_records


def read(
    stream: BinaryIO, *, block_bytes: int = BLOCK_BYTES, limits: Limits = DEFAULT_LIMITS
) -> Iterator[Event]:
    """Yield the events of one JSON text; see readers/events.py for the contract."""
    decoder = BulkDecoder(limits, block_bytes)
    yield from events_of(stream, decoder, block_bytes=block_bytes, limits=limits)


def events_of(
    stream: BinaryIO, decoder: BulkDecoder, *, block_bytes: int, limits: Limits
) -> Iterator[Event]:
    """Yield the events of one JSON text with a decoder that may have learnt the form of its records."""
    cursor = DocumentCursor(decoder, limits.depth)
    prefixes: PrefixDecoder[BulkPrefix] = decoder
    for split in split_records(stream, block_bytes=block_bytes, limits=limits, prefix_decoder=prefixes):
        yield from cursor.events_of(split)


class DocumentCursor:
    """Follow the documents of one text: count the records of the current one, and number its blocks."""

    def __init__(self, decoder: BulkDecoder, max_depth: int) -> None:
        self.in_list = False
        """Whether the text is a list of documents."""
        self._decoder = decoder
        self._max_depth = max_depth
        self._counts: Counter[Section] = Counter()

    def count(self, section: Section) -> int:
        """Return how many records of a section of the current document have come."""
        return self._counts[section]

    def pass_over(self, section: Section, count: int) -> None:
        """Count records of the current document that are read elsewhere."""
        self._counts[section] += count

    def events_of(self, split: SplitEvent | BulkPrefix) -> Iterable[Event]:
        """Return the events that a part of the text makes."""
        if isinstance(split, DecodedDocuments):
            return split.events
        if isinstance(split, RecordChunk | DecodedRecords):
            block = self._block(split)
            self._counts[block.section] += len(block.positions) + len(block.refused)
            return (block,)
        self._counts.clear()
        if isinstance(split, DocumentStart):
            self.in_list = split.in_list
        return (split,)

    def _block(self, split: RecordChunk | DecodedRecords) -> Block:
        chunk = split if isinstance(split, RecordChunk) else split.chunk
        first = self._counts[chunk.array.section]
        block = self._decoder.block(split, first)
        if block is None:
            check_depth(chunk, self._max_depth)
            block = ijson_reader.block_of(chunk, first)
        return block
