"""Open a source: zip, gzip or plain JSON, detected from its content."""

import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from typing import BinaryIO, cast

from labelhouse.errors import InputError
from labelhouse.reason_codes import Code
from labelhouse.sources.inflate import INFLATE_ERROR, InflatedMember, open_gzip
from labelhouse.texts.names import stored_name
from labelhouse.texts.url_secrets import name_without_secrets

_OTHERS = {
    b"BZh": "bzip2",
    b"\xfd7zXZ\0": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"7z\xbc\xaf\x27\x1c": "7-Zip",
    b"Rar!": "RAR",
    b"PAR1": "Parquet",
}
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA}
_AES_METHOD = 99
_LOCAL_HEADER_BYTES = 30


@dataclass(frozen=True, slots=True)
class Member:
    """One JSON text of a source: its name in the archive, as it is stored, and its decoded bytes.

    The name is None outside an archive.
    """

    name: str | None
    stream: BinaryIO


@dataclass(slots=True)
class Members:
    """The JSON texts of a source, opened one after the other; the caller reads each to its end.

    `count` is known before the first is opened; `passed_over` names members that are not JSON.
    """

    count: int
    _opened: Iterator[Member]
    passed_over: list[str] = field(default_factory=list)

    def __iter__(self) -> Iterator[Member]:
        return self._opened


@contextmanager
def open_members(file: BinaryIO, *, max_members: int = 1_000) -> Iterator[Members]:
    """Open the members of a seekable binary file; streams raise InputError where bytes are damaged."""
    head = file.read(8)
    file.seek(0)
    for magic, name in _OTHERS.items():
        if head.startswith(magic):
            raise InputError(
                Code.UNSUPPORTED_FORMAT,
                f"a {name} file",
                remedy="zip, gzip and plain JSON are read",
            )
    if head.startswith(b"\x1f\x8b"):
        yield Members(1, iter([_decoded(open_gzip(file), None)]))
    elif head.startswith(b"PK") or (head[:1] not in b"{[ \t\r\n\xef" and zipfile.is_zipfile(file)):
        with _archive(file) as archive:
            yield _members(file, archive, max_members)
    else:
        file.seek(0)
        yield Members(1, iter([Member(None, file)]))


@contextmanager
def _archive(file: BinaryIO) -> Iterator[zipfile.ZipFile]:
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, OSError, ValueError, OverflowError, UnicodeError):
        raise _corrupt() from None
    with archive:
        yield archive


def _members(file: BinaryIO, archive: zipfile.ZipFile, max_members: int) -> Members:
    wanted = [info for info in archive.infolist() if _is_json(info.filename) and not info.is_dir()]
    if not wanted:
        raise InputError(
            Code.ARCHIVE_NO_JSON, "the archive holds no .json member", remedy="export as COCO JSON"
        )
    if len(wanted) > max_members:
        raise InputError(
            Code.LIMIT_MEMBERS,
            f"{len(wanted):,} .json members, more than {max_members:,}",
            remedy="split the archive, or raise --limit members=N",
        )
    for info in wanted:
        if info.flag_bits & 0x1 or info.compress_type == _AES_METHOD:
            raise InputError(
                Code.ARCHIVE_ENCRYPTED,
                "the archive is encrypted",
                member=stored_name(info.filename),
                remedy="export it without a password",
            )
        if info.compress_type not in _METHODS:
            raise InputError(
                Code.ARCHIVE_METHOD,
                f"compression method {info.compress_type} is not read",
                member=stored_name(info.filename),
                remedy="zip it with the method deflate",
            )
    wanted.sort(key=lambda info: info.header_offset)
    for info, following in pairwise(wanted):
        # Members that share bytes would let a small archive decode to any size.
        if info.header_offset + _LOCAL_HEADER_BYTES + info.compress_size > following.header_offset:
            raise _corrupt(stored_name(following.filename))
    passed_over = [
        stored_name(info.filename)
        for info in archive.infolist()
        if not info.is_dir() and not _is_json(info.filename)
    ]
    return Members(len(wanted), _opened(file, archive, wanted), passed_over)


def _opened(file: BinaryIO, archive: zipfile.ZipFile, wanted: list[zipfile.ZipInfo]) -> Iterator[Member]:
    for info in wanted:
        name = stored_name(info.filename)
        try:
            # It checks the local header, too.
            stream: BinaryIO = cast("BinaryIO", archive.open(info))
            if info.compress_type == zipfile.ZIP_DEFLATED:
                stream.close()
                stream = cast("BinaryIO", InflatedMember(file, info))
        except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError):
            raise _corrupt(name) from None
        with stream:
            member = _decoded(stream, name)
            if name.lower().endswith(".gz"):
                member = _decoded(open_gzip(member.stream), name)
            yield member


def _decoded(stream: BinaryIO | gzip.GzipFile, name: str | None) -> Member:
    return Member(name, cast("BinaryIO", _Decoded(stream, name)))


def _is_json(name: str) -> bool:
    """Return whether a member is JSON by its name, which may hold a query that a download left in it."""
    path = name.replace("\\", "/").lower().split("/")
    hidden = "__macosx" in path or path[-1].startswith(".")
    shown = name_without_secrets(path[-1])
    return not hidden and any(text.endswith((".json", ".json.gz")) for text in (path[-1], shown))


class _Decoded(io.BufferedIOBase):
    """Read through a decompressor and raise its errors as InputError."""

    def __init__(self, stream: BinaryIO | gzip.GzipFile, member: str | None = None) -> None:
        self._stream = stream
        self._member = member

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1) -> bytes:
        try:
            return self._stream.read(-1 if size is None else size)
        except EOFError:
            if isinstance(self._stream, gzip.GzipFile):
                raise InputError(
                    Code.GZIP_TRUNCATED,
                    "the gzip file ends early",
                    member=self._member,
                    remedy="download or export it again",
                ) from None
            raise _corrupt(self._member) from None
        except gzip.BadGzipFile:
            raise self._bad_gzip() from None
        except (zipfile.BadZipFile, INFLATE_ERROR, zlib.error, OSError, ValueError, RuntimeError):
            if isinstance(self._stream, gzip.GzipFile):
                raise self._bad_gzip() from None
            raise _corrupt(self._member) from None

    def _bad_gzip(self) -> InputError:
        return InputError(
            Code.GZIP_CORRUPT,
            "the gzip file is damaged",
            member=self._member,
            remedy="download or export it again",
        )


def _corrupt(member: str | None = None) -> InputError:
    return InputError(
        Code.ARCHIVE_CORRUPT,
        "the zip archive is damaged",
        member=member,
        remedy="download or export it again",
    )
