"""Share a text among processes: hand over whole records or documents without looking into them.

A piece ends where its text looks like the end of a record: a brace, a comma, and an object that begins
with the same key as the first one. Whether it does, whoever decodes it finds out; so it is with how many
records it holds, which is counted by what stood between those that have been decoded here, or by all
brackets if the keys that records have disagree. Nothing is handed over that may hold the end of an array.
If a piece turns out to be something else, AloneError is raised, now or later, and the text is read again
by one process.
"""

import re
from collections.abc import Callable, Mapping

from labelhouse.coco.sections import Section
from labelhouse.parallel.decode_jobs import DocumentsPiece, RecordsPiece
from labelhouse.parallel.decode_pool import Decoders
from labelhouse.readers.bulk_decoder import ends
from labelhouse.readers.bulk_reader import BulkBlocks
from labelhouse.readers.chunks import DecodedDocuments, DecodedPrefix
from labelhouse.readers.events import Elsewhere
from labelhouse.readers.structural_index import BracketScanner
from labelhouse.staging.document import Origin

_ARRAY_END = re.compile(rb"\}[ \t\r\n]*\]")
_UNKNOWN = b""
_KEYS: Mapping[Section | None, tuple[bytes, ...]] = {
    None: (b'"images"', b'"annotations"'),
    Section.IMAGES: (b'"file_name"',),
    Section.ANNOTATIONS: (b'"image_id"',),
}
"""Keys that nearly every record of a section has once, and nearly every document."""
_JOINT = re.compile(rb"(\}[ \t\r\n]*,[ \t\r\n]*\{)[ \t\r\n]*\"[^\"\\]*\"")


class Delegation:
    """Offer what a walk meets to decoding processes, and decode by itself what they have no time for."""

    def __init__(
        self,
        bulk: BulkBlocks,
        decoders: Decoders,
        origin: Origin,
        next_index: Callable[[], tuple[int, int]],
    ) -> None:
        self._bulk = bulk
        self._decoders = decoders
        self._origin = origin
        self._next_index = next_index
        self._document = -1
        self._joints: dict[Section | None, bytes] = {}
        """What stands between two records of a section, or two documents."""

    def records(self, section: Section, document: int, text: bytes) -> DecodedPrefix | None:
        """Hand over or decode records; see chunks.PrefixDecoder."""
        first = self._bulk.counts[section]
        if document != self._document:
            # DecodedDocuments of one list may be written by different tools.
            self._document = document
            self._joints = {kind: joint for kind, joint in self._joints.items() if kind is None}
        # The first records tell the document's media type; categories are looked at as a whole.
        joint = self._joints.get(section) if first and section is not Section.CATEGORIES else None
        if joint is not None and (decoder := self._decoders.free()) is not None:
            records, count = self._cut(section, text, joint)
            if count:
                key, index = self._next_index()
                in_list = self._bulk.in_list
                piece = RecordsPiece(section, document, in_list, key - 1, index - 1, first, count)
                self._decoders.give(decoder, piece, self._origin, records)
                return DecodedPrefix(None, len(records), count)
        found = self._bulk.records(section, document, text)
        if found is not None:
            self._learn(section, text[: found.end], found.count)
        return found

    def documents(self, position: int, text: bytes) -> DecodedDocuments | None:
        """Hand over or decode documents; see chunks.PrefixDecoder."""
        joint = self._joint_of_documents(position)
        if joint is not None and (decoder := self._decoders.free()) is not None:
            documents, count = self._cut(None, text, joint)
            if count:
                key, index = self._next_index()
                piece = DocumentsPiece(position, key, index, count)
                self._decoders.give(decoder, piece, self._origin, documents)
                return DecodedDocuments([Elsewhere(count)], count, len(documents))
        found = self._bulk.documents(position, text)
        if found is not None:
            self._learn(None, text[: found.end], found.count)
        return found

    def wants_more(self, position: int, size: int) -> bool:
        """Tell whether a process is free for a longer document, and the document may still fit its slot."""
        return (
            self._joint_of_documents(position) is not None
            and size < self._decoders.slot_bytes
            and self._decoders.free() is not None
        )

    def _cut(self, kind: Section | None, text: bytes, joint: bytes) -> tuple[bytes, int]:
        """Return the start of a text that can be handed over, and how many objects it holds; else 0."""
        piece = text[: next(ends(text), 0)]
        fits = 0 < len(piece) <= self._decoders.slot_bytes
        return piece, _count(kind, piece, joint) if fits else 0

    def _joint_of_documents(self, position: int) -> bytes | None:
        # The first one tells what the text is like. Of a list of long ones nothing else may be known.
        return self._joints.get(None, _UNKNOWN) if position else None

    def _learn(self, kind: Section | None, text: bytes, count: int) -> None:
        """See what stands between two objects, and nowhere else, in a text of so many."""
        known = self._joints.get(kind)
        if known == _UNKNOWN or (known is not None and text.count(known) == count - 1):
            return
        boundary = next(ends(text), 0)
        joint = _JOINT.match(text, boundary - 1) if boundary and known is None else None
        # Without the key it also stands between the labels of documents, once they have several.
        spellings = () if joint is None else (joint[0],) if kind is None else (joint[1], joint[0])
        fitting = [spelling for spelling in spellings if text.count(spelling) == count - 1]
        # What once was something else may be so again.
        self._joints[kind] = fitting[0] if fitting else _UNKNOWN


def _count(kind: Section | None, text: bytes, joint: bytes) -> int:
    """Count the objects of a text: by what stands between them if their keys agree, else by all brackets.

    Objects that another tool wrote may begin with another key, and what stands before it is no joint.
    Returns 0 if the text does not end behind an object, or if more than objects end in it.
    """
    count = text.count(joint) + 1 if joint != _UNKNOWN else 0
    may_end = kind is not None and _ARRAY_END.search(text) is not None
    if count and not may_end and all(text.count(key) == count for key in _KEYS.get(kind, ())):
        return count
    brackets = BracketScanner().scan(text)
    depths = brackets.depths
    is_whole = depths.size > 0 and depths[-1] == 0 and int(depths.min()) == 0
    return len(brackets.opening(1)) if is_whole else 0
