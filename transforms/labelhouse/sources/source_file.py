"""Open a source's file or URL, and count and hash the bytes that it yields."""

import hashlib
import io
import os
import stat
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from glob import has_magic
from pathlib import Path
from typing import BinaryIO, NamedTuple

from labelhouse.errors import InputError, LabelhouseError
from labelhouse.failures import failure
from labelhouse.limits import RATIO_FROM_BYTES, Limits
from labelhouse.manifest import SHARE_BYTES
from labelhouse.reason_codes import ReasonCode
from labelhouse.sources.addresses import address_of, is_url
from labelhouse.sources.object_file import opened_object

RECENT_S = 900.0
"""A cut file that was written less than this many seconds ago may be complete a little later."""

_CUT = {
    ReasonCode.TRUNCATED,
    ReasonCode.GZIP_TRUNCATED,
    ReasonCode.GZIP_CORRUPT,
    ReasonCode.ARCHIVE_CORRUPT,
}
"""The codes that a reader may report for the first part of a complete file."""


@contextmanager
def opened(path: str, spool: Path | None = None) -> Iterator[BinaryIO]:
    """Open a file or URL; raises InputError if it cannot be read, or changes while the block runs.

    A file that changes meanwhile raises that error, regardless of what the block finds wrong in it. A cut
    in a file that was written a moment ago may be temporary. What a web server gives only whole is copied
    to a temporary file in the folder `spool` first.
    """
    if is_url(path):
        with opened_object(address_of(path), spool) as file:
            yield file
        return
    with _opened_file(path) as file:
        yield file


def size_of(file: BinaryIO) -> int:
    """Return the bytes of an open source; its position stays."""
    position = file.tell()
    size = file.seek(0, os.SEEK_END)
    file.seek(position)
    return size


@contextmanager
def _opened_file(path: str) -> Iterator[BinaryIO]:
    require_file(path)
    try:
        if "\0" in path:
            raise FileNotFoundError
        # If the file has become a pipe since, opening it would wait for a process that writes to it.
        file = open(path, "rb", opener=_open_at_once)  # noqa: SIM115  (closed below)
    except FileNotFoundError:
        raise _missing(path) from None
    except OSError as error:
        raise _unreadable(error) from None
    with file:
        before = os.fstat(file.fileno())
        if other := _other_than_file(before.st_mode):
            raise _no_file(other)
        try:
            yield file
        except InputError as error:
            if _has_changed(path, before):
                raise _changed() from None
            error.may_pass = _is_recent(before) and _may_be_cut(file, before, error.code)
            raise
        except OSError as error:
            raise (_changed() if _has_changed(path, before) else _unreadable(error)) from None
        if _has_changed(path, before):
            raise _changed()


def _has_changed(path: str, before: os.stat_result) -> bool:
    try:
        after = Path(path).stat()
    except OSError:
        return True
    return (before.st_size, before.st_mtime_ns, before.st_ino) != (
        after.st_size,
        after.st_mtime_ns,
        after.st_ino,
    )


def _is_recent(status: os.stat_result) -> bool:
    # Clocks of machines that share files differ a little, in both directions.
    return abs(time.time() - status.st_mtime) < RECENT_S


def _may_be_cut(file: BinaryIO, status: os.stat_result, code: ReasonCode) -> bool:
    """Return whether the file looks like the first part of a complete one."""
    if code in _CUT or status.st_size == 0:
        return True
    # Some programs reserve space for the whole file first, and fill it afterwards.
    try:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\0"
    except (OSError, ValueError):
        return False


def _changed() -> InputError:
    return InputError(
        ReasonCode.SOURCE_CHANGED,
        "the file changed while it was read",
        remedy="load it when its export is complete",
    )


def _unreadable(error: OSError) -> LabelhouseError:
    if isinstance(error, IsADirectoryError):
        return InputError(
            ReasonCode.SOURCE_NOT_FOUND,
            "no .json, .zip or .gz file is in this folder",
            remedy="give the folder of the exports, or a file",
        )
    known_failure = failure(error)
    if known_failure is not None and known_failure.code in (
        ReasonCode.NO_SPACE,
        ReasonCode.NO_MEMORY,
        ReasonCode.NO_HANDLES,
    ):
        # The source is not the cause.
        return known_failure
    return InputError(
        ReasonCode.SOURCE_UNREADABLE,
        f"cannot be read ({error.strerror or 'I/O error'})",
        remedy="check the file and its permissions",
    )


def _missing(path: str) -> InputError:
    if has_magic(path):
        what, remedy = "no file matches the pattern", "check it; quote it if the shell changes it"
    else:
        what, remedy = "no such file", "check the path"
    return InputError(ReasonCode.SOURCE_NOT_FOUND, what, remedy=remedy)


def require_file(path: str) -> None:
    """Raise InputError for a path that is not a file: a pipe may never answer, a device may never end.

    The code that opens the path handles folders and paths that do not exist.
    """
    try:
        mode = Path(path).stat().st_mode
    except (OSError, ValueError):
        return
    if other := _other_than_file(mode):
        raise _no_file(other)
    # The system's files have no size, and some of them never answer either.
    if os.path.realpath(path).startswith(_OF_THE_SYSTEM):
        raise _no_file("made up by the system")


def _other_than_file(mode: int) -> str | None:
    return next((name for is_kind, name in _KINDS if is_kind(mode)), None)


def _no_file(kind: str) -> InputError:
    return InputError(
        ReasonCode.SOURCE_UNREADABLE,
        f"{kind}, not a file",
        remedy="write what it gives to a file and load that; zip and gzip are read as they are",
    )


def _open_at_once(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


_KINDS = (
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)
_OF_THE_SYSTEM = ("/proc/", "/sys/")


def is_large(path: str, share_bytes: int = SHARE_BYTES, *, listed_bytes: int = 0) -> bool:
    """Return whether a file is worth more than one process; a pipe, for example, never is.

    A URL whose size a store has listed is opened only if it depends on what the object is.
    """
    if listed_bytes:
        if listed_bytes >= share_bytes:
            return True
        if listed_bytes * _PACKED_RATIO < share_bytes:
            return False
    try:
        with opened(path) as file:
            is_packed = file.read(2) in (b"PK", b"\x1f\x8b")
            size = size_of(file)
    except (OSError, ValueError, LabelhouseError):
        return False
    return size * (_PACKED_RATIO if is_packed else 1) >= share_bytes


_PACKED_RATIO = 6


class DecodedBytes:
    """Count the decoded bytes of a source, against the limits on bytes and on their ratio to the file's."""

    def __init__(self, file_bytes: int, limits: Limits) -> None:
        self.count = 0
        self._file_bytes = max(file_bytes, 1)
        self._limits = limits

    def add(self, count: int) -> None:
        """Count more bytes; raises InputError past a limit."""
        self.count += count
        limits = self._limits
        if self.count > limits.decoded_bytes:
            raise InputError(
                ReasonCode.LIMIT_BYTES,
                f"more than {limits.decoded_bytes:,} bytes when decoded",
                remedy="split the export, or raise --limit decoded_bytes=N",
            )
        if self.count > RATIO_FROM_BYTES and self.count > limits.ratio * self._file_bytes:
            raise InputError(
                ReasonCode.LIMIT_RATIO,
                f"it decodes to more than {limits.ratio} times its size, as archives made to do harm",
                remedy="look at what wrote the file, or raise --limit ratio=N",
            )


class Milestone(NamedTuple):
    """The first `bytes` of a text, and the start of their SHA-256."""

    bytes: int
    digest: str


class HashedStream(io.BufferedIOBase):
    """Hash and count the bytes that are read of a member; hashing runs beside work on the next piece."""

    def __init__(self, stream: BinaryIO, decoded: DecodedBytes) -> None:
        super().__init__()
        self._digest = hashlib.sha256()
        self._hashing: Future[None] | None = None
        self._stream = stream
        self._decoded = decoded
        self._ahead = b""
        self._bytes = 0
        self.milestones: list[Milestone] = []
        """The state of the digest about every MILESTONE_BYTES."""

    def head(self, size: int) -> bytes:
        """Return up to `size` of the next bytes, which `read` returns again."""
        while len(self._ahead) < size and (piece := self._read(size - len(self._ahead))):
            self._ahead += piece
        return self._ahead[:size]

    def read(self, size: int | None = -1) -> bytes:
        """Read up to `size` bytes."""
        if self._ahead:
            cut = len(self._ahead) if size is None or size < 0 else size
            piece, self._ahead = self._ahead[:cut], self._ahead[cut:]
            return piece if size is not None and size >= 0 else piece + self._read(-1)
        return self._read(size)

    def _read(self, size: int | None) -> bytes:
        piece = self._stream.read(-1 if size is None else size)
        self._wait()
        if self._bytes >= (self.milestones[-1].bytes if self.milestones else 0) + MILESTONE_BYTES:
            self.milestones.append(Milestone(self._bytes, self._digest.hexdigest()[:MILESTONE_DIGITS]))
        self._bytes += len(piece)
        if len(piece) < _SMALL_BYTES:
            self._digest.update(piece)
        else:
            # hashlib releases the interpreter's lock meanwhile.
            self._hashing = _HASHING.submit(self._digest.update, piece)
        self._decoded.add(len(piece))
        return piece

    def hexdigest(self) -> str:
        """Return the SHA-256 of what has been read."""
        self._wait()
        return self._digest.hexdigest()

    def _wait(self) -> None:
        if self._hashing is not None:
            self._hashing.result()
            self._hashing = None


_HASHING = ThreadPoolExecutor(1, thread_name_prefix="sha256")
_SMALL_BYTES = 1 << 16
MILESTONE_BYTES = 4 << 20
"""Texts that differ are told apart at the first milestone behind the difference."""
MILESTONE_DIGITS = 16
"""Hexadecimal digits of its digest: two beginnings with different ones differ."""
