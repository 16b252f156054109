"""Gather small members of an archive, and decode the documents of many of them together."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from labelhouse.manifest import ParseTask
from labelhouse.readers.bulk.decoder import BulkDecoder
from labelhouse.readers.events import DocumentStart
from labelhouse.staging.document import Origin
from labelhouse.staging.document_stager import DocumentStager

MOST_BYTES = 1 << 16
"""A longer member is decoded by itself."""


@dataclass(frozen=True, slots=True)
class _Small:
    """A member: its text, and the texts of its documents."""

    text: bytes
    origin: Origin
    in_list: bool
    documents: list[bytes]


class SmallMembers:
    """Take members of a source until they are worth decoding together.

    `read_alone` stages a member that the decoder refuses.
    """

    def __init__(
        self, task: ParseTask, documents: DocumentStager, read_alone: Callable[[BinaryIO, Origin], None]
    ) -> None:
        self._decoder = BulkDecoder(task.limits, task.block_bytes, is_compiled=task.is_compiled)
        self._block_bytes = task.block_bytes
        self._documents = documents
        self._read_alone = read_alone
        self._members: list[_Small] = []
        self._bytes = 0

    def take(self, text: bytes, origin: Origin) -> bool:
        """Take the text of a member; return whether it is one that can be decoded with others."""
        cut = self._decoder.cut_text(text) if len(text) <= MOST_BYTES else None
        if cut is None:
            return False
        self._members.append(_Small(text, origin, *cut))
        self._bytes += len(text)
        if self._bytes >= self._block_bytes:
            self.flush()
        return True

    def flush(self) -> None:
        """Stage the members that wait. Raises InputError for the first that has to be rejected."""
        members, self._members, self._bytes = self._members, [], 0
        if members:
            self._stage(members)

    def _stage(self, members: list[_Small]) -> None:
        texts = [text for member in members for text in member.documents]
        decoded = self._decoder.whole_documents(range(len(texts)), b",".join(texts)) if texts else None
        if decoded is not None:
            starts = [
                DocumentStart(position, member.in_list)
                for member in members
                for position in range(len(member.documents))
            ]
            origins = [member.origin for member in members for _ in member.documents]
            self._documents.take_together(decoded.block, starts, origins)
        elif len(members) > 1:
            middle = len(members) // 2
            self._stage(members[:middle])
            self._stage(members[middle:])
        else:
            self._read_alone(io.BytesIO(members[0].text), members[0].origin)
