"""Open a source: zip, gzip or plain JSON, detected from its content."""

import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from copy import copy
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import BinaryIO, cast

from labelhouse.coco.json_syntax import WHITE_SPACE
from labelhouse.coco.other_formats import HEAD_BYTES, refuse_other_containers
from labelhouse.errors import InputError
from labelhouse.reason_codes import ReasonCode
from labelhouse.sources.inflate import DEFLATE64, INFLATE_ERROR, InflatedMember, open_gzip
from labelhouse.texts.names import stored_name
from labelhouse.texts.url_secrets import name_without_secrets

_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA, DEFLATE64}
_GZIP = b"\x1f\x8b"
_GZIP_END_BYTES = 8
_ARCHIVES = (".zip", ".tar", ".7z", ".rar", ".gz", ".tgz", ".bz2", ".xz", ".zst")
_MEDIA = re.compile(
    r"\.(?:jpe?g|png|bmp|gif|tiff?|webp|heic|avif|svg|mp4|avi|mov|mkv|webm|wav|mp3|flac|dcm|nii|npy|npz|pcd|"
    r"ply|la[sz]|pdf|csv|xml|ya?ml|md|html|py|parquet)$"
)
"""Ends of names whose members are not opened to see what they are: a data set has very many of them."""
_PEEKED_BYTES = 1_024
_BEGINS_AS_EXPORT = re.compile(rb'(?:\xef\xbb\xbf)?[ \t\r\n]*(?:\[[ \t\r\n]*)?\{[ \t\r\n]*"')
_AES_METHOD = 99
_LOCAL_HEADER_BYTES = 30


@dataclass(frozen=True, slots=True)
class Member:
    """One JSON text of a source: its name in the archive, as it is stored, and its decoded bytes.

    The name is None outside an archive.
    """

    name: str | None
    stream: BinaryIO


@dataclass(frozen=True, slots=True)
class MemberEntry:
    """A JSON text that can be opened; `is_named_json` is true if its name ends like that of a JSON file.

    `hint` is what the container says of its bytes: their length, and a checksum where it has one.
    """

    name: str | None
    is_named_json: bool
    open: Callable[[], AbstractContextManager[BinaryIO]]
    hint: str


@dataclass(slots=True)
class Members:
    """The JSON texts of a source, opened one after the other; the caller reads each to its end.

    `passed_over` names members that are not JSON, and `other_json` those that are not exports.
    """

    entries: Sequence[MemberEntry]
    passed_over: Sequence[str] = ()
    other_json: Sequence[str] = ()
    ontology: MemberEntry | None = None
    """The member that is the ontology of label rows."""

    def __iter__(self) -> Iterator[Member]:
        for entry in self.entries:
            with entry.open() as stream:
                yield Member(entry.name, stream)


@contextmanager
def open_members(file: BinaryIO, *, max_members: int = 1_000) -> Iterator[Members]:
    """Open the members of a seekable binary file; streams raise InputError where bytes are damaged."""
    head = file.read(HEAD_BYTES)
    file.seek(0)
    refuse_other_containers(head)
    if head.startswith(_GZIP):
        decoded = lambda: nullcontext(_decoded(open_gzip(file), None))  # noqa: E731
        yield Members([MemberEntry(None, True, decoded, _gzip_hint(file))])
    elif head.startswith(b"PK") or (head[:1] not in b"{[\xef" + WHITE_SPACE and zipfile.is_zipfile(file)):
        with _archive(file) as archive:
            yield _members(file, archive, max_members)
    else:
        file.seek(0)
        yield Members([MemberEntry(None, True, lambda: nullcontext(file), str(_length(file)))])


def _length(file: BinaryIO) -> int:
    length = file.seek(0, io.SEEK_END)
    file.seek(0)
    return length


def _gzip_hint(file: BinaryIO) -> str:
    """Return the length of a gzip file, and its end: the checksum and length of its last text."""
    length = _length(file)
    file.seek(max(0, length - _GZIP_END_BYTES))
    end = file.read(_GZIP_END_BYTES)
    file.seek(0)
    return f"{length} {end.hex()}"


@contextmanager
def _archive(file: BinaryIO) -> Iterator[zipfile.ZipFile]:
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, OSError, ValueError, OverflowError, UnicodeError):
        raise _corrupt() from None
    with archive:
        yield archive


def _members(file: BinaryIO, archive: zipfile.ZipFile, max_members: int) -> Members:
    infos = sorted((i for i in archive.infolist() if not i.is_dir()), key=lambda info: info.header_offset)
    for info in infos:
        if _is_json(info.filename):
            _refuse_unreadable(info)
    entries, wanted, passed_over = [], [], set()
    for info in infos:
        if entry := _entry(file, archive, info):
            entries.append(entry)
            wanted.append(info)
            if len(wanted) > max_members:
                raise InputError(
                    ReasonCode.LIMIT_MEMBERS,
                    f"more than {max_members:,} JSON members",
                    remedy="split the archive, or raise --limit members=N",
                )
        else:
            passed_over.add(info.header_offset)
    for info, following in pairwise(wanted):
        # Members that share bytes would let a small archive decode to any size.
        if info.header_offset + _LOCAL_HEADER_BYTES + info.compress_size > following.header_offset:
            raise _corrupt(stored_name(following.filename))
    names = [stored_name(i.filename) for i in archive.infolist() if i.header_offset in passed_over]
    if not wanted:
        within = any(is_archive_name(name) for name in names)
        raise InputError(
            ReasonCode.ARCHIVE_NO_JSON,
            "the archive holds no JSON",
            remedy="unpack the archives in it" if within else "export as COCO JSON",
        )
    return Members(entries, names)


def is_archive_name(name: str) -> bool:
    """Return whether a member is called as archives are."""
    return name.lower().endswith(_ARCHIVES)


def _refuse_unreadable(info: zipfile.ZipInfo) -> None:
    """Raise InputError for a member that is encrypted, or packed by a method that is not read."""
    if info.flag_bits & 0x1 or info.compress_type == _AES_METHOD:
        raise InputError(
            ReasonCode.ARCHIVE_ENCRYPTED,
            "the archive is encrypted",
            member=stored_name(info.filename),
            remedy="export it without a password",
        )
    if info.compress_type not in _METHODS:
        raise InputError(
            ReasonCode.ARCHIVE_METHOD,
            f"compression method {info.compress_type} is not read",
            member=stored_name(info.filename),
            remedy="zip it with the method deflate",
        )


def _entry(file: BinaryIO, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> MemberEntry | None:
    """Return the entry of a member that is JSON by its name or by its content; None for others."""
    name = stored_name(info.filename)
    opened = partial(_opened, file, archive, info, name)
    hint = f"{info.file_size} {info.CRC:08x}"
    if _is_json(info.filename):
        return MemberEntry(name, True, opened, hint)
    if _is_hidden(info.filename) or _MEDIA.search(info.filename.lower()):
        return None
    try:
        _refuse_unreadable(info)
        with opened() as stream:
            head = stream.read(_PEEKED_BYTES)
    except InputError:
        # It may be anything, an image for example, and need not be sound.
        return None
    return MemberEntry(name, False, opened, hint) if _BEGINS_AS_EXPORT.match(head) else None


@contextmanager
def _opened(
    file: BinaryIO, archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str
) -> Iterator[BinaryIO]:
    """Open a member, and the gzip text in it if it is one."""
    with _raw(file, archive, info, name) as stream:
        is_gzip = stream.read(len(_GZIP)) == _GZIP
    with _raw(file, archive, info, name) as stream:
        yield _decoded(open_gzip(stream), name) if is_gzip else stream


@contextmanager
def _raw(file: BinaryIO, archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> Iterator[BinaryIO]:
    is_inflated = info.compress_type in (zipfile.ZIP_DEFLATED, DEFLATE64)
    checked = info
    if info.compress_type == DEFLATE64:
        # Python's module opens no member of this method.
        checked = copy(info)
        checked.compress_type = zipfile.ZIP_STORED
    try:
        # It checks the local header, too.
        stream: BinaryIO = cast("BinaryIO", archive.open(checked))
        if is_inflated:
            stream.close()
            stream = cast("BinaryIO", InflatedMember(file, info))
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError):
        raise _corrupt(name) from None
    with stream:
        yield _decoded(stream, name)


def _decoded(stream: BinaryIO | gzip.GzipFile, name: str | None) -> BinaryIO:
    return cast("BinaryIO", _Decoded(stream, name))


def _is_json(name: str) -> bool:
    """Return whether a member is JSON by its name, which may hold a query that a download left in it."""
    last = _parts(name)[-1]
    names = (last, name_without_secrets(last))
    return not _is_hidden(name) and any(text.endswith((".json", ".json.gz")) for text in names)


def _is_hidden(name: str) -> bool:
    """Return whether a member is hidden, or is a companion that macOS makes of a file."""
    parts = _parts(name)
    return "__macosx" in parts or parts[-1].startswith(".")


def _parts(name: str) -> list[str]:
    return name.replace("\\", "/").lower().split("/")


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
                    ReasonCode.GZIP_TRUNCATED,
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
            ReasonCode.GZIP_CORRUPT,
            "the gzip file is damaged",
            member=self._member,
            remedy="download or export it again",
        )


def _corrupt(member: str | None = None) -> InputError:
    return InputError(
        ReasonCode.ARCHIVE_CORRUPT,
        "the zip archive is damaged",
        member=member,
        remedy="download or export it again",
    )
