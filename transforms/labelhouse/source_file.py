"""Open a source's file, and count and hash the bytes that come out of it."""

import hashlib
import io
import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from labelhouse.codes import Code
from labelhouse.errors import InputError
from labelhouse.limits import RATIO_FROM_BYTES, Limits
from labelhouse.parse_task import SHARE_BYTES


@contextmanager
def opened(path: str) -> Iterator[BinaryIO]:
    """Open a file; raises InputError if it cannot be read, or changes while the block runs."""
    try:
        with open(path, "rb") as file:
            before = os.fstat(file.fileno())
            yield file
            after = Path(path).stat()
    except FileNotFoundError:
        raise InputError(Code.SOURCE_NOT_FOUND, "no such file", remedy="check the path") from None
    except OSError as error:
        raise InputError(
            Code.SOURCE_UNREADABLE,
            f"cannot be read ({error.strerror or 'I/O error'})",
            remedy="check the file and its permissions",
        ) from None
    if (before.st_size, before.st_mtime_ns, before.st_ino) != (
        after.st_size,
        after.st_mtime_ns,
        after.st_ino,
    ):
        raise InputError(
            Code.SOURCE_CHANGED,
            "the file changed while it was read",
            remedy="load it when its export is complete",
        )


def is_large(path: str, share_bytes: int = SHARE_BYTES) -> bool:
    """Tell whether a file is worth more than one process; what is no file, such as a pipe, never is."""
    # Opening a pipe waits for whoever writes to it.
    if not Path(path).is_file():
        return False
    try:
        with open(path, "rb") as file:
            is_packed = file.read(2) in (b"PK", b"\x1f\x8b")
            size = os.fstat(file.fileno()).st_size
    except OSError:
        return False
    return size * (_PACKED_RATIO if is_packed else 1) >= share_bytes


_PACKED_RATIO = 6


class DecodedBytes:
    """Count what a source decodes to, against the limits on bytes and on their ratio to the file's."""

    def __init__(self, file_bytes: int, limits: Limits) -> None:
        self.count = 0
        self._file_bytes = max(file_bytes, 1)
        self._limits = limits

    def add(self, count: int) -> None:
        """Count some more; raises InputError past a limit."""
        self.count += count
        limits = self._limits
        if self.count > limits.decoded_bytes:
            raise InputError(
                Code.LIMIT_BYTES,
                f"more than {limits.decoded_bytes:,} bytes when decoded",
                remedy="split the export, or raise --limit decoded_bytes=N",
            )
        if self.count > RATIO_FROM_BYTES and self.count > limits.ratio * self._file_bytes:
            raise InputError(
                Code.LIMIT_RATIO,
                f"it decodes to more than {limits.ratio} times its size, as archives made to do harm",
                remedy="look at what wrote the file, or raise --limit ratio=N",
            )


class HashedStream(io.BufferedIOBase):
    """Hash what is read of a member, and count it; one piece is hashed while the next is at work."""

    def __init__(self, stream: BinaryIO, decoded: DecodedBytes) -> None:
        super().__init__()
        self._digest = hashlib.sha256()
        self._hashing: Future[None] | None = None
        self._stream = stream
        self._decoded = decoded

    def read(self, size: int | None = -1) -> bytes:
        """Read up to `size` bytes."""
        piece = self._stream.read(-1 if size is None else size)
        self._wait()
        if len(piece) < _SMALL_BYTES:
            self._digest.update(piece)
        else:
            # hashlib lets go of the interpreter for that long.
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
