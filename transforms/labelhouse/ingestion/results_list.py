"""Read a COCO results list, a JSON array of predictions, with a reader of documents.

The list becomes the annotations of a document that has nothing else. So each reader reads it with the same
rules for bad input, secrets and limits, a block at a time.
"""

import io
from collections.abc import Iterator
from typing import BinaryIO, cast

from labelhouse.coco.json_errors import refuse_other_formats
from labelhouse.coco.json_syntax import WHITE_SPACE
from labelhouse.coco.other_formats import HEAD_BYTES
from labelhouse.coco.sections import Section
from labelhouse.errors import InputError
from labelhouse.limits import Limits
from labelhouse.readers.events import DocumentEnd, Event, Reader
from labelhouse.reason_codes import ReasonCode

_BEFORE = b'{"annotations":'
_AFTER = b"}"
ARRAY = "/annotations"
"""JSON pointer of the list within the document that the reader sees."""
_BOM = b"\xef\xbb\xbf"


def read_results(read: Reader, stream: BinaryIO, *, block_bytes: int, limits: Limits) -> Iterator[Event]:
    """Yield the events of a results list, as `read` reads it; errors name places in the list itself.

    Raises InputError as the reader does, and RESULTS_LIST for a text that is not an array.
    """
    enclosed = _Enclosed(stream)
    try:
        for event in read(cast("BinaryIO", enclosed), block_bytes=block_bytes, limits=limits):
            if isinstance(event, DocumentEnd) and (event.values or event.sections != {Section.ANNOTATIONS}):
                raise _trailing()
            yield event
        if not enclosed.is_list:
            raise _trailing()
    except InputError as error:
        if error.code is ReasonCode.JSON_SYNTAX and enclosed.is_past(error.offset):
            # The reader met what was put behind the list, where the list itself should go on.
            error.code, error.what = ReasonCode.TRUNCATED, "the list ends early"
        if error.offset is not None:
            error.offset = max(0, error.offset - len(_BEFORE) + enclosed.skipped)
        if error.pointer is not None:
            error.pointer = error.pointer.removeprefix(ARRAY)
        raise


def _trailing() -> InputError:
    return InputError(ReasonCode.TRAILING_DATA, "text follows the results list", remedy="export it again")


class _Enclosed(io.RawIOBase):
    """The text of a list as the value of the key `annotations` of an object."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__()
        self._stream = stream
        self._waiting: bytes | None = None
        self._is_ended = False
        self._bytes = 0
        self._last = b""
        self.skipped = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1) -> bytes:
        """Return up to `size` bytes; all of the text without a size."""
        if self._waiting is None:
            self._waiting = _BEFORE + self._begin()
        if size is None or size < 0:
            rest = self._stream.read(-1)
            self._count(rest)
            self._waiting += rest + (b"" if self._is_ended else self._end())
            size = len(self._waiting)
        if not self._waiting and not self._is_ended:
            self._waiting = self._stream.read(size)
            self._count(self._waiting)
            self._waiting = self._waiting or self._end()
        piece, self._waiting = self._waiting[:size], self._waiting[size:]
        return piece

    @property
    def is_list(self) -> bool:
        """Whether the text that has been read ends as an array does."""
        return self._last == b"]"

    def is_past(self, offset: int | None) -> bool:
        """Return whether an offset is behind the text of the list."""
        return offset is not None and self._is_ended and offset >= len(_BEFORE) + self._bytes

    def _count(self, piece: bytes) -> None:
        self._bytes += len(piece)
        if text := piece.rstrip(WHITE_SPACE):
            self._last = text[-1:]

    def _end(self) -> bytes:
        """Return the end of the object; a list that is cut gets none, so that the reader finds it cut."""
        self._is_ended = True
        return _AFTER if self.is_list else b""

    def _begin(self) -> bytes:
        head = b""
        while len(head) < HEAD_BYTES and (piece := self._stream.read(HEAD_BYTES - len(head))):
            head += piece
        refuse_other_formats(head)
        if head.startswith(_BOM):
            head = head[len(_BOM) :]
            self.skipped = len(_BOM)
        text = head.lstrip(WHITE_SPACE)
        if not text:
            raise InputError(ReasonCode.EMPTY_INPUT, "the file is empty", remedy="export it again")
        if text.startswith(b"{"):
            raise InputError(
                ReasonCode.RESULTS_LIST,
                "an object, not a results list (an array of predictions)",
                remedy="load a dataset without --as predictions",
            )
        if not text.startswith(b"["):
            raise InputError(
                ReasonCode.NOT_JSON, "not a results list in JSON", remedy="export the predictions as JSON"
            )
        self._count(head)
        return head
