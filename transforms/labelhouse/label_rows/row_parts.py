"""A label row as its text is taken apart: what is held, and the long parts that wait in a spool."""

import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from labelhouse.coco.values import Json

HELD_BYTES = 8 << 20
"""Text of a row that is kept in memory; more of it waits in a temporary file."""

RowObject: TypeAlias = dict[str, Json]


@dataclass(frozen=True, slots=True)
class Piece:
    """Whole members of an object, as text without its braces; `offset` is its place in the stream."""

    at: int
    size: int
    offset: int


class Spool:
    """Keep pieces of text until the rest of their row is known."""

    def __init__(self, folder: Path | None) -> None:
        self._file = tempfile.SpooledTemporaryFile(HELD_BYTES, dir=None if folder is None else str(folder))  # noqa: SIM115  (closed by its owner)
        self._end = 0

    @property
    def size(self) -> int:
        """Bytes of the pieces."""
        return self._end

    def add(self, text: bytes, offset: int) -> Piece:
        """Keep a piece of text."""
        self._file.seek(self._end)
        self._file.write(text)
        piece = Piece(self._end, len(text), offset)
        self._end += len(text)
        return piece

    def read(self, piece: Piece) -> bytes:
        """Return the text of a piece."""
        self._file.seek(piece.at)
        return self._file.read(piece.size)

    def clear(self) -> None:
        """Forget all pieces."""
        self._end = 0
        self._file.seek(0)
        self._file.truncate()

    def close(self) -> None:
        """Remove the file."""
        self._file.close()


@dataclass(slots=True)
class UnitText:
    """A data unit or space of a row: its key, its text without labels, and its labels as pieces."""

    parent: str
    key: str
    offset: int
    text: bytearray = field(default_factory=bytearray)
    labels: list[Piece] = field(default_factory=list)
    has_labels: bool = False


@dataclass(slots=True)
class RowParts:
    """One label row: its text without data units, spaces and answers, and these apart."""

    position: int
    in_list: bool
    offset: int
    text: bytearray = field(default_factory=bytearray)
    units: list[UnitText] = field(default_factory=list)
    answers: dict[str, list[Piece]] = field(default_factory=dict)
    sections: set[str] = field(default_factory=set)

    @property
    def pointer(self) -> str:
        """JSON pointer of the row in its text."""
        return f"/{self.position}" if self.in_list else ""
