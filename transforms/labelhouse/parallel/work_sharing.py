"""Share a text among processes: hand over whole records or documents without parsing them.

The text of a job ends where it resembles the end of a record: a brace, a comma, and an object that begins
with the same key as the first one. The decoding process finds out whether it is an end. It also checks how
many records the text holds. This process counts them by the text that stood between the records that it
decoded itself. If the keys of the records disagree, it counts all brackets. It hands nothing over that may
hold the end of an array. If a text turns out to be something else, CannotShareError is raised, now or
later, and one process reads the text again.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO, TypeAlias

from labelhouse.coco.sections import Section
from labelhouse.limits import Limits
from labelhouse.parallel.decode_jobs import DocumentsJob, RecordsJob
from labelhouse.parallel.decode_pool import DecodePool
from labelhouse.readers.bulk.decoded import BulkPrefix
from labelhouse.readers.bulk.decoder import BulkDecoder
from labelhouse.readers.bulk.records import ends
from labelhouse.readers.bulk_reader import DocumentCursor
from labelhouse.readers.chunks import ArrayPlace, PrefixDecoder
from labelhouse.readers.events import Event
from labelhouse.readers.structural_index import BracketScanner
from labelhouse.readers.text_splitter import split_records
from labelhouse.staging.document import Origin
from labelhouse.staging.document_stager import DocumentsElsewhere

_ARRAY_END = re.compile(rb"\}[ \t\r\n]*\]")
_UNKNOWN = b""
_KEYS: Mapping[Section | None, tuple[bytes, ...]] = {
    None: (b'"images"', b'"annotations"'),
    Section.IMAGES: (b'"file_name"',),
    Section.ANNOTATIONS: (b'"image_id"',),
}
"""Keys that nearly every record of a section, or nearly every document, has once."""
_JOINT = re.compile(rb"(\}[ \t\r\n]*,[ \t\r\n]*\{)[ \t\r\n]*\"[^\"\\]*\"")


@dataclass(frozen=True, slots=True)
class HandedRecords:
    """`count` records of a section, which end at offset `end` of a text, for another process."""

    section: Section
    count: int
    end: int


@dataclass(frozen=True, slots=True)
class HandedDocuments:
    """`count` documents of a list, which end at offset `end` of a text, for another process."""

    count: int
    end: int


SharedPrefix: TypeAlias = BulkPrefix | HandedRecords | HandedDocuments


def shared_events(
    stream: BinaryIO,
    pool: DecodePool,
    origin: Origin,
    next_index: Callable[[], tuple[int, int]],
    *,
    block_bytes: int,
    limits: Limits,
    digests: bool = False,
    is_compiled: bool = False,
) -> Iterator[Event | DocumentsElsewhere]:
    """Yield the events of one JSON text except those of records and documents for other processes.

    `next_index` returns the key and the index in the source of the document that begins next. With
    `digests` documents get those of their texts. The compiled library reads labels if `is_compiled`.
    """
    decoder = BulkDecoder(limits, block_bytes, digests=digests, is_compiled=is_compiled)
    cursor = DocumentCursor(decoder, limits.depth)
    sharing: PrefixDecoder[SharedPrefix] = SharingDecoder(decoder, cursor, pool, origin, next_index)
    for split in split_records(stream, block_bytes=block_bytes, limits=limits, prefix_decoder=sharing):
        if isinstance(split, HandedRecords):
            cursor.pass_over(split.section, split.count)
        elif isinstance(split, HandedDocuments):
            yield DocumentsElsewhere(split.count)
        else:
            yield from cursor.events_of(split)


class SharingDecoder:
    """Hand over records and documents to decoding processes; decode those that no process is free for."""

    def __init__(
        self,
        decoder: BulkDecoder,
        cursor: DocumentCursor,
        pool: DecodePool,
        origin: Origin,
        next_index: Callable[[], tuple[int, int]],
    ) -> None:
        self._decoder = decoder
        self._cursor = cursor
        self._pool = pool
        self._origin = origin
        self._next_index = next_index
        self._document = -1
        self._joints: dict[Section | None, bytes] = {}
        """The text between two records of a section, or between two documents."""

    def records(self, array: ArrayPlace, text: bytes, offset: int) -> SharedPrefix | None:
        """Hand over or decode records; see chunks.PrefixDecoder."""
        section = array.section
        first = self._cursor.count(section)
        if array.document != self._document:
            # Different tools may have written the documents of one list.
            self._document = array.document
            self._joints = {kind: joint for kind, joint in self._joints.items() if kind is None}
        # The first records show the document's media type; categories are read as a whole.
        joint = self._joints.get(section) if first and section is not Section.CATEGORIES else None
        if joint is not None and (process := self._pool.free()) is not None:
            piece, count = self._cut(section, text, joint)
            if count:
                key, index = self._next_index()
                in_list = self._cursor.in_list
                job = RecordsJob(section, array.document, in_list, key - 1, index - 1, first, count)
                self._pool.give(process, job, self._origin, piece)
                return HandedRecords(section, count, len(piece))
        decoded = self._decoder.records(array, text, offset)
        if decoded is not None:
            self._learn(section, decoded.chunk.text, decoded.count)
        return decoded

    def documents(self, position: int, text: bytes, offset: int) -> SharedPrefix | None:
        """Hand over or decode documents; see chunks.PrefixDecoder."""
        joint = self._joint_of_documents(position)
        if joint is not None and (process := self._pool.free()) is not None:
            piece, count = self._cut(None, text, joint)
            if count:
                job = DocumentsJob(position, *self._next_index(), count)
                self._pool.give(process, job, self._origin, piece)
                return HandedDocuments(count, len(piece))
        decoded = self._decoder.documents(position, text, offset)
        if decoded is not None:
            self._learn(None, text[: decoded.end], decoded.count)
        return decoded

    def wants_more(self, position: int, size: int) -> bool:
        """Return whether a process is free for a longer document that may still fit its slot."""
        return (
            self._joint_of_documents(position) is not None
            and size < self._pool.slot_bytes
            and self._pool.free() is not None
        )

    def _cut(self, kind: Section | None, text: bytes, joint: bytes) -> tuple[bytes, int]:
        """Return the start of a text that can be handed over and its count of objects; 0 if none."""
        piece = text[: next(ends(text), 0)]
        fits = 0 < len(piece) <= self._pool.slot_bytes
        return piece, _count(kind, piece, joint) if fits else 0

    def _joint_of_documents(self, position: int) -> bytes | None:
        # The first document shows how the text is written. In a list of long ones that may be all we know.
        return self._joints.get(None, _UNKNOWN) if position else None

    def _learn(self, kind: Section | None, text: bytes, count: int) -> None:
        """Learn what stands between two objects, and nowhere else, in a text of `count` objects."""
        known = self._joints.get(kind)
        if known == _UNKNOWN or (known is not None and text.count(known) == count - 1):
            return
        boundary = next(ends(text), 0)
        joint = _JOINT.match(text, boundary - 1) if boundary and known is None else None
        # Without the key, the joint also stands between the labels of documents that have several.
        spellings = () if joint is None else (joint[0],) if kind is None else (joint[1], joint[0])
        fitting = [spelling for spelling in spellings if text.count(spelling) == count - 1]
        # If the joint failed once, it may fail again.
        self._joints[kind] = fitting[0] if fitting else _UNKNOWN


def _count(kind: Section | None, text: bytes, joint: bytes) -> int:
    """Count the objects of a text: by what stands between them if their keys agree, else by all brackets.

    Objects of another tool may begin with another key, and the text before such an object is not a joint.
    Returns 0 if the text does not end behind an object, or if something other than objects ends in it.
    """
    count = text.count(joint) + 1 if joint != _UNKNOWN else 0
    may_end = kind is not None and _ARRAY_END.search(text) is not None
    if count and not may_end and all(text.count(key) == count for key in _KEYS.get(kind, ())):
        return count
    brackets = BracketScanner().scan(text)
    depths = brackets.depths
    is_whole = depths.size > 0 and depths[-1] == 0 and int(depths.min()) == 0
    return len(brackets.opening(1)) if is_whole else 0
