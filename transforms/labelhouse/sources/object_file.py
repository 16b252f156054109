"""Read an object of a store as a seekable file: in pieces, the next one ahead, all of one version."""

import io
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar, cast

from labelhouse.errors import InputError
from labelhouse.reason_codes import ReasonCode
from labelhouse.sources.addresses import Address
from labelhouse.sources.object_store import TRIES, changed, listed, store_errors, store_of

if TYPE_CHECKING:
    from obstore import GetOptions, GetResult
    from obstore.store import ObjectStore

FIRST_BYTES = 256 * 1024
"""Bytes of a piece after a jump: a member's header, or the list of members at the end of an archive."""
PIECE_BYTES = 8 * 1024 * 1024
"""Bytes of a piece where the file is read on and on."""
_BUFFER_BYTES = 256 * 1024


Content = TypeVar("Content")


@dataclass(frozen=True, slots=True)
class Version:
    """What a store says of an object, by which another version of it is noticed."""

    size: int
    e_tag: str | None
    last_modified: datetime | None


@contextmanager
def opened_object(address: Address, spool: Path | None = None) -> Iterator[BinaryIO]:
    """Open an object for reading; raises InputError if it cannot be read, or changes meanwhile.

    All pieces are of the version that was there first. From a web server that gives no ranges, the file is
    copied to a temporary file in the folder `spool` first.
    """
    store = store_of(address)
    try:
        raw = ObjectFile(store, address.key)
    except _NoRangesError:
        with TemporaryFile(dir=spool) as copy:
            _tried_again(lambda: _copied(store, address.key, copy))
            yield cast("BinaryIO", copy)
        return
    except InputError as error:
        raise _why_absent(address, error) from None
    with raw, io.BufferedReader(raw, _BUFFER_BYTES) as file:
        yield cast("BinaryIO", file)


class ObjectFile(io.RawIOBase):
    """An object of a store as a file: readable and seekable; `version` is what all its bytes are of.

    It holds the piece that is read, the one before, and the one ahead: three times PIECE_BYTES at most.
    """

    def __init__(self, store: "ObjectStore", key: str) -> None:
        super().__init__()
        self._store, self._key = store, key
        self._position = 0
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="ahead")
        self._ahead: tuple[int, Future[memoryview]] | None = None
        self._pieces: list[tuple[int, memoryview]] = []
        self.version, first = _tried_again(self._first)
        self._pieces.append((0, first))

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def tell(self) -> int:
        """Return the position in bytes."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a position; nothing is read."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self.version.size}[whence]
        if base + offset < 0:
            raise ValueError("negative seek position")
        self._position = base + offset
        return self._position

    def readinto(self, buffer: Any) -> int:
        """Read into a buffer; fewer bytes than it holds where a piece ends."""
        if self._position >= self.version.size:
            return 0
        start, piece = self._piece()
        data = piece[self._position - start :][: len(buffer)]
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)

    def close(self) -> None:
        """Wait for the piece ahead, and forget all."""
        if not self.closed:
            self._threads.shutdown(cancel_futures=True)
            self._pieces.clear()
        super().close()

    def _piece(self) -> tuple[int, memoryview]:
        """Return the piece at the position, and its beginning."""
        for start, piece in self._pieces:
            if start <= self._position < start + len(piece):
                return start, piece
        last_start, last = self._pieces[-1]
        is_next = self._position == last_start + len(last)
        if is_next and self._ahead is not None and self._ahead[0] == self._position:
            piece = self._ahead[1].result()
            self._ahead = None
        else:
            # A thread asks at most for one piece; that of before the jump is of no use.
            self._ahead = None
            piece = self._fetched(self._position, len(last) * 4 if is_next else FIRST_BYTES)
        self._pieces = [*self._pieces[-1:], (self._position, piece)]
        end = self._position + len(piece)
        if is_next and end < self.version.size:
            future = self._threads.submit(self._fetched, end, len(piece) * 4)
            self._ahead = (end, future)
        return self._position, piece

    def _fetched(self, start: int, length: int) -> memoryview:
        end = min(start + min(length, PIECE_BYTES), self.version.size)
        return _tried_again(lambda: self._range(start, end))

    def _range(self, start: int, end: int) -> memoryview:
        import obstore

        options: GetOptions = {"range": (start, end)}
        tag = self.version.e_tag
        if tag is not None and not tag.startswith("W/"):
            # A weak tag equals none, by the rules of HTTP.
            options["if_match"] = tag
        with store_errors():
            result = obstore.get(self._store, self._key, options=options)
            if _version(result.meta) != self.version:
                raise changed()
        return _body(result, end - start)

    def _first(self) -> tuple[Version, memoryview]:
        """Return the version and the first piece: the question works for addresses signed for reading."""
        import obstore
        from obstore.exceptions import GenericError, NotSupportedError

        with store_errors():
            try:
                result = obstore.get(self._store, self._key, options={"range": (0, FIRST_BYTES)})
            except NotSupportedError:
                raise _NoRangesError from None
            except GenericError:
                # No range of an empty object can be given.
                result = obstore.get(self._store, self._key)
                if result.meta["size"]:
                    raise
        version = _version(result.meta)
        return version, _body(result, min(version.size, FIRST_BYTES))


class _NoRangesError(Exception):
    """The server gives whole files only."""


class _CutOffError(InputError):
    """An answer ended before its end."""


def _tried_again(read: Callable[[], Content]) -> Content:
    """Return what a call reads, and call again if its answer is cut off.

    obstore tries again what fails before an answer, and goes on with an answer that is cut off if it has a
    tag that names the version.
    """
    for number in range(TRIES):
        try:
            return read()
        except _CutOffError:
            if number == TRIES - 1:
                raise
            time.sleep(0.2 * 4**number)
    raise AssertionError


def _body(result: "GetResult", size: int) -> memoryview:
    """Return the bytes of an answer; raises _CutOffError if it ends early."""
    from obstore.exceptions import BaseError

    try:
        data = memoryview(result.bytes())
    except (BaseError, OSError):
        raise _cut() from None
    if len(data) != size:
        raise _cut()
    return data


def _copied(store: "ObjectStore", key: str, copy: BinaryIO) -> None:
    """Copy a whole file, and go back to its beginning."""
    import obstore
    from obstore.exceptions import BaseError

    copy.seek(0)
    copy.truncate()
    with store_errors():
        result = obstore.get(store, key)
    try:
        for piece in result.stream(min_chunk_size=_BUFFER_BYTES):
            copy.write(piece)
    except BaseError:
        raise _cut() from None
    if result.meta["size"] and copy.tell() != result.meta["size"]:
        raise _cut()
    copy.flush()
    copy.seek(0)


def _why_absent(address: Address, error: InputError) -> InputError:
    """Return why an object cannot be opened: below a prefix, it may be that nothing can be listed."""
    if error.code is ReasonCode.SOURCE_NOT_FOUND and not address.is_web:
        try:
            next(listed(address, address.key), None)
        except InputError as other:
            return other
    return error


def _version(meta: Any) -> Version:
    return Version(meta["size"], meta["e_tag"], meta["last_modified"])


def _cut() -> _CutOffError:
    return _CutOffError(
        ReasonCode.STORE_UNREACHABLE,
        "the store's answer was cut off",
        remedy="load it again later",
    )
