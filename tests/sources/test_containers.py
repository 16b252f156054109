import bz2
import gzip
import io
import zipfile

import pytest
from labelhouse.errors import InputError
from labelhouse.reason_codes import ReasonCode
from labelhouse.sources.containers import open_members

TEXT = b'{"images": []}' * 5000


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def contents(data: bytes) -> tuple[list[tuple[str | None, bytes]], list[str]]:
    with open_members(io.BytesIO(data)) as members:
        return [(m.name, m.stream.read()) for m in members], list(members.passed_over)


@pytest.mark.parametrize(
    ("data", "names"),
    [
        (TEXT, [None]),
        (gzip.compress(TEXT, mtime=0), [None]),
        (gzip.compress(TEXT[:100]) + gzip.compress(TEXT[100:]), [None]),
        (zipped({"b.json": TEXT, "a.JSON": TEXT}), ["b.json", "a.JSON"]),
        (zipped({"x/y.json": TEXT}, zipfile.ZIP_STORED), ["x/y.json"]),
        (zipped({"y.json": TEXT}, zipfile.ZIP_BZIP2), ["y.json"]),
        (zipped({"y.json": TEXT}, zipfile.ZIP_LZMA), ["y.json"]),
        (zipped({"y.json.gz": gzip.compress(TEXT, mtime=0)}), ["y.json.gz"]),
        (b"MZ self-extracting" + zipped({"y.json": TEXT}), ["y.json"]),
        (b"", [None]),
    ],
)
def test_content_tells_the_kind(data: bytes, names: list[str | None]) -> None:
    members, _ = contents(data)
    assert [name for name, _ in members] == names
    assert {content for _, content in members} == {TEXT if data else b""}


def test_junk_beside_the_json_is_passed_over() -> None:
    junk = {"__MACOSX/._a.json": b"x", ".hidden.json": b"x", "image.jpg": b"x", "folder/": b""}
    members, passed_over = contents(zipped({**junk, "a.json": TEXT}))
    assert members == [("a.json", TEXT)]
    assert passed_over == ["__MACOSX/._a.json", ".hidden.json", "image.jpg"]


def damaged(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]


PLAIN_ZIP = zipped({"a.json": TEXT}, zipfile.ZIP_STORED)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (zipped({}), ReasonCode.ARCHIVE_NO_JSON),
        (zipped({"a.txt": b"x", "b.json/": b""}), ReasonCode.ARCHIVE_NO_JSON),
        (PLAIN_ZIP[: len(PLAIN_ZIP) // 2], ReasonCode.ARCHIVE_CORRUPT),
        (damaged(PLAIN_ZIP, 1000), ReasonCode.ARCHIVE_CORRUPT),
        (damaged(zipped({"a.json": TEXT}), 60), ReasonCode.ARCHIVE_CORRUPT),
        (gzip.compress(TEXT, mtime=0)[:-30], ReasonCode.GZIP_TRUNCATED),
        (gzip.compress(TEXT, mtime=0)[:10], ReasonCode.GZIP_TRUNCATED),
        (damaged(gzip.compress(TEXT, mtime=0), -8), ReasonCode.GZIP_CORRUPT),
        (damaged(gzip.compress(TEXT, mtime=0), 30), ReasonCode.GZIP_CORRUPT),
        (bz2.compress(TEXT), ReasonCode.UNSUPPORTED_FORMAT),
        (b"7z\xbc\xaf\x27\x1c", ReasonCode.UNSUPPORTED_FORMAT),
    ],
)
def test_damage_is_said_by_its_code(data: bytes, code: ReasonCode) -> None:
    with pytest.raises(InputError) as error:
        contents(data)
    assert error.value.code is code


def test_an_encrypted_member_is_refused_before_it_is_read() -> None:
    data = bytearray(PLAIN_ZIP)
    data[data.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(InputError) as error:
        contents(bytes(data))
    assert error.value.code is ReasonCode.ARCHIVE_ENCRYPTED
