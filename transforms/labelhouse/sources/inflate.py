"""Inflate members of archives with Intel's library, which is twice as fast as zlib and as strict.

It does not know Deflate64, for which there is a library of its own.
"""

import io
import struct
import zipfile
from typing import Any, BinaryIO

from isal import igzip, isal_zlib

# The package declares its exception as an instance of one.
INFLATE_ERROR: type[Exception] = isal_zlib.error  # type: ignore[assignment]
"""The exception that isal raises for damaged data."""
PIECE_BYTES = 1 << 18
_RAW = -15
DEFLATE64 = 9
"""The method that Windows uses for files of more than 2 GB; zipfile has no name for it."""
_DEFLATE64_STEPS = 1 << 6, 1 << 10
"""Packed bytes to decode at once, at least and at most; each may give 32,768 bytes, which are held."""
_DENSE_RATIO = 100
"""Data that decode to more than this many times their bytes are decoded in the smallest steps."""
_LOCAL_HEADER = struct.Struct("<4s5H3L2H")


def open_gzip(file: BinaryIO) -> igzip.IGzipFile:
    """Open a gzip stream; it raises what gzip.GzipFile raises, or IsalError."""
    return igzip.IGzipFile(fileobj=file)  # type: ignore[no-untyped-call]


class InflatedMember(io.RawIOBase):
    """Read a member of a zip archive, packed by deflate or Deflate64. Raises BadZipFile for damaged bytes.

    The sizes and the CRC-32 come from the archive's directory and are checked at the end.
    """

    def __init__(self, file: BinaryIO, info: zipfile.ZipInfo) -> None:
        super().__init__()
        self._file = file
        self._info = info
        self._offset = _data_offset(file, info)
        self._left = info.compress_size
        self._inflate: Any = (
            _Inflate64() if info.compress_type == DEFLATE64 else isal_zlib.decompressobj(_RAW)
        )
        self._tail = b""
        self._bytes = 0
        self._crc = 0

    def readable(self) -> bool:
        """Return True: it can be read."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Read up to `size` bytes; none at the end."""
        if size < 0:
            return self.readall()
        data = b""
        while not data and size and not self._inflate.eof:
            if not self._tail and self._left:
                self._tail = self._piece()
            compressed = self._tail
            try:
                data = self._inflate.decompress(compressed, size)
            except (INFLATE_ERROR, ValueError, RuntimeError):
                raise zipfile.BadZipFile("damaged data") from None
            self._tail = self._inflate.unconsumed_tail
            if not (compressed or data or self._inflate.eof):
                # Nothing is left, neither before the decompressor nor inside it.
                raise EOFError("the data ends early")
        self._bytes += len(data)
        self._crc = isal_zlib.crc32(data, self._crc)
        if self._inflate.eof and not data and size:
            self._check()
        return data

    def readall(self) -> bytes:
        """Read all remaining bytes."""
        pieces = []
        while piece := self.read(PIECE_BYTES):
            pieces.append(piece)
        return b"".join(pieces)

    def _piece(self) -> bytes:
        # Other readers of the file move its position.
        self._file.seek(self._offset)
        piece = self._file.read(min(PIECE_BYTES, self._left))
        if not piece:
            raise EOFError("the file ends early")
        self._offset += len(piece)
        self._left -= len(piece)
        return piece

    def _check(self) -> None:
        info = self._info
        if (self._bytes, self._crc) != (info.file_size, info.CRC):
            raise zipfile.BadZipFile("sizes or CRC-32 do not fit the directory")


class _Inflate64:
    """Inflate Deflate64 with the interface of zlib's objects, as far as it is used here."""

    def __init__(self) -> None:
        self.unconsumed_tail = b""
        # Imported here because the package looks for its own version, which takes 20 ms.
        from inflate64 import Inflater

        self._inflater = Inflater()
        self._ready = bytearray()
        self._step = _DEFLATE64_STEPS[0]

    @property
    def eof(self) -> bool:
        """Whether the data has ended and all of it has been returned."""
        return bool(self._inflater.eof) and not self._ready

    def decompress(self, data: bytes, size: int) -> bytes:
        """Return up to `size` bytes; the rest of `data` is the unconsumed tail."""
        at = 0
        while len(self._ready) < size and at < len(data) and not self._inflater.eof:
            data_of_step = self._inflater.inflate(data[at : at + self._step])
            at += self._step
            is_dense = len(data_of_step) > _DENSE_RATIO * self._step
            self._step = _DEFLATE64_STEPS[0] if is_dense else min(2 * self._step, _DEFLATE64_STEPS[1])
            self._ready += data_of_step
        self.unconsumed_tail = data[at:]
        piece = bytes(self._ready[:size])
        del self._ready[:size]
        return piece


def _data_offset(file: BinaryIO, info: zipfile.ZipInfo) -> int:
    """Return where the data of a member begins: behind its local header, which has its own lengths."""
    file.seek(info.header_offset)
    header = file.read(_LOCAL_HEADER.size)
    if len(header) < _LOCAL_HEADER.size:
        raise zipfile.BadZipFile("the local header ends early")
    *_, name_bytes, extra_bytes = _LOCAL_HEADER.unpack(header)
    return info.header_offset + _LOCAL_HEADER.size + int(name_bytes) + int(extra_bytes)
