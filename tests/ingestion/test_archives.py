"""Archives hold more than exports: what loads, what is passed over with a note, and what rejects them."""

import gzip
import io
import json
import struct
import subprocess
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import labelhouse
import pytest
from inflate64 import Deflater
from labelhouse.errors import LabelhouseError
from labelhouse.ingestion.run import IngestReport

from tests.support.aliases import Load
from tests.support.corpus import corpus_file
from tests.support.exports import plain, unit
from tests.support.sets import slow, some

DOCUMENTS = "select document_id, member, annotation_count from documents order by all"
EXPORT = json.dumps(plain(2)).encode()
OTHER_EXPORT = json.dumps([unit("a")]).encode()
every_reader = pytest.mark.parametrize("reader", some(["bulk", "ijson"]))


def archive(path: Path, members: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> str:
    with zipfile.ZipFile(path, "w", method) as target:
        for name, content in members.items():
            target.writestr(name, content)
    return str(path)


def deflate64(path: Path, members: Mapping[str, bytes]) -> str:
    """Write an archive whose members are packed as Windows packs files of more than 2 GB."""
    packed = {}
    for name, content in members.items():
        deflater = Deflater()
        packed[name] = deflater.deflate(content) + deflater.flush()
    archive(path, packed, zipfile.ZIP_STORED)
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as stored:
        infos = stored.infolist()
    entry = data.index(b"PK\x01\x02")
    for info in infos:
        content = members[info.filename]
        crc, size = zlib.crc32(content), len(content)
        struct.pack_into("<H", data, info.header_offset + 8, 9)
        struct.pack_into("<L", data, info.header_offset + 14, crc)
        struct.pack_into("<L", data, info.header_offset + 22, size)
        struct.pack_into("<H", data, entry + 10, 9)
        struct.pack_into("<L", data, entry + 16, crc)
        struct.pack_into("<L", data, entry + 24, size)
        entry += 46 + sum(struct.unpack_from("<3H", data, entry + 28))
    path.write_bytes(data)
    return str(path)


def rows(warehouse: Path, sql: str = DOCUMENTS) -> list[tuple[Any, ...]]:
    return labelhouse.query(warehouse, sql).fetchall()


def error_of(report: IngestReport) -> LabelhouseError:
    assert report.error is not None
    return report.error


PASSED_OVER = {
    "names of classes": b'["car", "bus"]',
    "classes by number": b'{"0": "car"}',
    "a list of categories": b'[{"id": 1, "name": "car", "supercategory": "vehicle"}]',
    "the names of categories": b'{"categories": ["car", "bus"]}',
    "categories by number": b'{"categories": {"1": "car"}}',
    "counts": b'{"images": 3, "annotations": 5, "categories": null}',
    "a section below another key": b'{"train": {"images": [{"id": 1}]}}',
    "detections": b'[{"image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4], "score": 0.5}]',
    "geometry": b'{"type": "FeatureCollection", "features": [{"type": "Feature", "images": 2}]}',
    "lines": b'{"image": "a.jpg"}\n{"image": "b.jpg"}\n',
    "an empty list": b"[]",
    "a number": b"3",
    "a long number": b'{"n": ' + b"9" * 30 + b"}",
}


@every_reader
@pytest.mark.parametrize("case", some(PASSED_OVER, 2))
def test_json_that_is_not_an_export_is_passed_over(
    case: str, reader: str, load: Load, warehouse: Path, tmp_path: Path
) -> None:
    path = archive(
        tmp_path / "e.zip", {"meta/other.json": PASSED_OVER[case], "labels.json": EXPORT, "a.jpg": b"x"}
    )
    [report] = load(path, reader=reader)
    assert (report.status, list(report.notes)) == (
        "committed",
        ["passed over meta/other.json: JSON, but no label export", "passed over a.jpg"],
    )
    # One export in an archive has the archive's name, whatever else is there.
    assert rows(warehouse) == [("e.zip", "labels.json", 2)]
    # The same bytes of the export change nothing.
    assert [r.status for r in load(archive(tmp_path / "e2.zip", {"x.json": EXPORT}))] == ["unchanged"]


REJECTED = {
    "cut off": (EXPORT[:-30], "TRUNCATED"),
    "cut off before its records": (b'{"info": {', "TRUNCATED"),
    "not valid": (EXPORT.replace(b":", b"", 1), "JSON_SYNTAX"),
    "sections by id": (b'{"images": {"7": {"id": 7}}, "annotations": []}', "WRONG_TYPE"),
    "empty": (b"", "EMPTY_INPUT"),
    "a page of HTML": (b"<html></html>", "NOT_JSON"),
    "a list whose second object is none": (b"[" + EXPORT + b", {}]", "NOT_AN_EXPORT"),
}


@every_reader
@pytest.mark.parametrize("case", some(REJECTED, 1))
def test_a_broken_export_rejects_the_archive(
    case: str, reader: str, load: Load, warehouse: Path, tmp_path: Path
) -> None:
    content, code = REJECTED[case]
    [report] = load(archive(tmp_path / "e.zip", {"a.json": EXPORT, "b.json": content}), reader=reader)
    error = error_of(report)
    assert (report.status, error.code, error.member) == ("rejected", code, "b.json")
    assert rows(warehouse) == []


@every_reader
def test_members_are_told_by_their_content(
    reader: str, load: Load, warehouse: Path, tmp_path: Path
) -> None:
    members = {
        "export": EXPORT,
        "task_1/annotations.coco": b"\xef\xbb\xbf\n [\n" + json.dumps(unit("b")).encode() + b"]",
        "packed": gzip.compress(json.dumps([unit("c")]).encode(), mtime=0),
        "plain.json.gz": json.dumps([unit("d")]).encode(),
        "gzip.json": gzip.compress(json.dumps([unit("e")]).encode(), mtime=0),
        "settings.ini": b"[paths]\nx=1",
        "template.txt": b'{"not": json',
        "notes": b"Roboflow",
        "empty": b"",
        "book.ipynb": b'{"cells": [{"images": []}]}',
        "image": b"\x89PNG\r\n",
        ".hidden": EXPORT,
        "a.jpg": EXPORT,
    }
    [report] = load(archive(tmp_path / "e.zip", members), reader=reader)
    assert (report.status, list(report.notes)) == (
        "committed",
        [
            "passed over template.txt, book.ipynb: JSON, but no label export",
            "passed over settings.ini, notes, empty and 3 more members",
        ],
    )
    assert rows(warehouse) == [
        ("b", "task_1/annotations.coco", 3),
        ("c", "packed", 3),
        ("d", "plain.json.gz", 3),
        ("e", "gzip.json", 3),
        ("e.zip/export", "export", 2),
    ]


def test_archives_that_are_passed_over_are_named_with_what_to_do(
    load: Load, warehouse: Path, tmp_path: Path
) -> None:
    inner = Path(archive(tmp_path / "inner.zip", {"b.json": EXPORT})).read_bytes()
    [report] = load(archive(tmp_path / "e.zip", {"a.json": EXPORT, "job 1.zip": inner, "a.jpg": b"x"}))
    assert (report.status, list(report.notes)) == (
        "committed",
        [
            "passed over a.jpg",
            "passed over job 1.zip: archives in an archive are not read; unpack them",
        ],
    )


NOTHING = {
    "no JSON": ({"a.jpg": b"x"}, "ARCHIVE_NO_JSON", "the archive holds no JSON; export as COCO JSON"),
    "an archive": (
        {"inner.zip": b"PK", "a.jpg": b"x"},
        "ARCHIVE_NO_JSON",
        "the archive holds no JSON; unpack the archives in it",
    ),
    "other JSON": (
        {"classes.json": b"{}", "more.json": b"{}"},
        "NOT_AN_EXPORT",
        "an object without images, annotations or categories; export as COCO JSON",
    ),
}


@pytest.mark.parametrize("case", some(NOTHING))
def test_an_archive_of_which_nothing_loads_is_rejected(
    case: str, load: Load, warehouse: Path, tmp_path: Path
) -> None:
    members, code, message = NOTHING[case]
    path = archive(tmp_path / "e.zip", members)
    [report] = load(path)
    assert (error_of(report).code, error_of(report).what) == (code, message.partition("; ")[0])
    assert str(error_of(report)).startswith(path)
    assert str(error_of(report)).endswith(message)


@every_reader
@pytest.mark.parametrize(
    "name", some(["36d_zip_roboflow", "36b_zip_with_other_json", "36e_zip_official_coco_like"])
)
def test_archives_of_the_corpus_load(name: str, reader: str, load: Load, warehouse: Path) -> None:
    [report] = load(str(corpus_file(f"dialects/{name}.zip")), reader=reader)
    assert report.status == "committed"
    notes, members = {
        "36b_zip_with_other_json": (
            ["passed over classes.json: JSON, but no label export", "passed over images/a_1.jpg"],
            [""],
        ),
        "36d_zip_roboflow": (
            ["passed over README.roboflow.txt"],
            [f"/{split}/_annotations.coco.json" for split in ("test", "train", "valid")],
        ),
        "36e_zip_official_coco_like": (
            [],
            [f"/annotations/{kind}_val2017.json" for kind in ("captions", "instances", "person_keypoints")],
        ),
    }[name]
    assert list(report.notes) == notes
    assert [row[0] for row in rows(warehouse)] == [f"{name}.zip{member}" for member in members]


@every_reader
def test_deflate64_loads_as_deflate_does(reader: str, load: Load, warehouse: Path, tmp_path: Path) -> None:
    members = {
        "a.json": json.dumps([unit("a", labels=20_000)]).encode(),
        "b.json": EXPORT,
        "c.jpg": b"x" * 9,
    }
    [report] = load(deflate64(tmp_path / "windows.zip", members), reader=reader)
    assert (report.status, list(report.notes)) == ("committed", ["passed over c.jpg"])
    assert rows(warehouse) == [("a", "a.json", 20_000), ("windows.zip/b.json", "b.json", 2)]
    [report] = load(archive(tmp_path / "deflate.zip", members), reader=reader)
    assert report.status == "unchanged"


def test_damaged_and_cut_deflate64_is_refused(load: Load, tmp_path: Path) -> None:
    path = Path(deflate64(tmp_path / "w.zip", {"a.json": json.dumps([unit("a", labels=2_000)]).encode()}))
    whole = path.read_bytes()
    for at in (60, 500, len(whole) // 2):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
        [report] = load(str(path))
        assert report.status == "rejected"
        assert error_of(report).code in {"ARCHIVE_CORRUPT", "JSON_SYNTAX", "ENCODING", "TRUNCATED"}
    crc = whole.index(b"PK\x01\x02") + 16
    path.write_bytes(whole[:crc] + b"\0\0\0\0" + whole[crc + 4 :])
    assert error_of(load(str(path))[0]).code == "ARCHIVE_CORRUPT"


@slow
def test_a_bomb_of_deflate64_is_refused(load: Load, tmp_path: Path) -> None:
    text = b'{"images": [], "annotations": [], "info": {"x": "' + b" " * (80 << 20) + b'"}}'
    [report] = load(deflate64(tmp_path / "w.zip", {"a.json": text}))
    assert error_of(report).code in {"LIMIT_RATIO", "LIMIT_DOCUMENT"}


def tarred() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as target:
        info = tarfile.TarInfo("a.json")
        info.size = len(EXPORT)
        target.addfile(info, io.BytesIO(EXPORT))
    return out.getvalue()


UNPACK = "unpack it, and load what was in it: zip, gzip and plain JSON are read"
OTHERWISE = "unpack it, or pack it as gzip or zip"
CONTAINERS = {
    "tar": (tarred(), f"a tar archive; {UNPACK}"),
    "an old tar": (tarred().replace(b"ustar\x0000", bytes(8)), f"a tar archive; {UNPACK}"),
    "tar in gzip": (gzip.compress(tarred(), mtime=0), f"a tar archive; {UNPACK}"),
    "7z": (b"7z\xbc\xaf\x27\x1c", f"a 7-Zip archive; {UNPACK}"),
    "rar": (b"Rar!\x1a\x07\x01\x00", f"a RAR archive; {UNPACK}"),
    "xz": (b"\xfd7zXZ\x00", f"an xz file; {OTHERWISE}"),
    "bzip2": (b"BZh91AY", f"a bzip2 file; {OTHERWISE}"),
    "zstd": (b"\x28\xb5\x2f\xfd\x04", f"a zstd file; {OTHERWISE}"),
    "parquet": (b"PAR1\x15\x04", "a Parquet file; export the labels as COCO JSON"),
    "an image": (b"\x89PNG\r\n\x1a\n", "a PNG image; export the labels as COCO JSON"),
}


@every_reader
@pytest.mark.parametrize("case", some(CONTAINERS, 4))
def test_other_containers_are_named_with_what_to_do(
    case: str, reader: str, load: Load, tmp_path: Path
) -> None:
    content, message = CONTAINERS[case]
    if case == "an old tar":
        # The checksum of its first block is all that shows what it is.
        head = bytearray(content[:512])
        head[148:156] = b" " * 8
        head[148:156] = b"%06o\0 " % sum(head)
        content = bytes(head) + content[512:]
    path = tmp_path / "export.json"
    path.write_bytes(content)
    [report] = load(str(path), reader=reader)
    assert (error_of(report).code, str(error_of(report))) == ("UNSUPPORTED_FORMAT", f"{path}: {message}")


def test_the_tar_of_the_corpus_is_named(load: Load) -> None:
    path = corpus_file("dialects/35_tar.tar")
    assert str(error_of(load(str(path))[0])) == f"{path}: a tar archive; {UNPACK}"


READ_MEMBERS = """
import sys
from labelhouse.sources.containers import open_members

def peak():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) >> 10

with open(sys.argv[1], "rb") as file, open_members(file, max_members=10) as members:
    before, sizes = peak(), []
    for entry in members.entries:
        with entry.open() as stream:
            sizes.append(sum(len(data) for data in iter(lambda: stream.read(1 << 18), b"")))
print(peak() - before, *sizes)
"""


@slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak memory of a process from /proc")
def test_deflate64_is_read_in_bounded_memory(tmp_path: Path) -> None:
    members = {
        "labels.json": b"".join(
            b'{"id": %d, "bbox": [%d, 1]},' % (n, n * 7919 % 999983) for n in range(1_500_000)
        ),
        "spaces.json": b" " * 200_000_000,
    }
    path = deflate64(tmp_path / "e.zip", members)
    done = subprocess.run([sys.executable, "-c", READ_MEMBERS, path], capture_output=True, check=True)
    peak_mb, *sizes = map(int, done.stdout.split())
    assert sizes == [len(content) for content in members.values()]
    assert peak_mb < 60
