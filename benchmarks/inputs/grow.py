"""Make the inputs of the benchmarks: a file of the corpus, decoded and N times as large.

    python -m benchmarks.inputs.grow instances 10

Repeats the images and annotations of a COCO object, with ids moved so that they stay unique and image_id
still finds its image. Repeats the documents of a list of COCO objects as they are. The
input `units` needs no corpus: a list of many small documents, one a data unit, in the form of Encord's
export. What has been made is kept in the cache folder and made again only when its source is newer.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
import uuid
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

import ijson

ROOT = Path(__file__).absolute().parents[2]
CACHE = Path(os.environ.get("LABELHOUSE_BENCH_DIR", ROOT / ".bench"))
NAMES = ("instances", "list", "units")
UNITS = 5_000
"""Documents of the input `units` as it is."""

# What of an object is repeated, and which of its keys are ids of which section.
_REPEATED = {"images": {"id": "images"}, "annotations": {"id": "annotations", "image_id": "images"}}
_ONCE = ("info", "licenses", "categories")
_CHUNK_BYTES = 1 << 20
# Held back of a list, since its last bracket may have white space behind it.
_TAIL_BYTES = 64


def corpus() -> Path:
    """Return the folder of the corpus: $LABELHOUSE_CORPUS, else the one beside the repository."""
    return Path(os.environ.get("LABELHOUSE_CORPUS", ROOT.parent / "shared" / "corpus"))


def source_of(name: str, cache: Path = CACHE) -> Path:
    """Return the file that a name stands for, or that it is the path of."""
    if name == "units":
        return _units(cache / "units.json")
    path = corpus() / "large" / f"{name}.zip" if name in NAMES else Path(name)
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing; $LABELHOUSE_CORPUS names the corpus folder")
    return path


def grown(source: Path, times: int, cache: Path = CACHE) -> Path:
    """Return a plain JSON file with the content of `source` (zip or JSON) `times` over.

    Made as a stream; holds one record, or one chunk of a list.
    """
    target = cache / f"{source.stem}-{times}x.json"
    if not _is_fresh(target, source):
        with replacing(target) as out:
            _write(source, times, out)
    return target


def zipped(source: Path, cache: Path = CACHE) -> Path:
    """Return a zip of a plain JSON file, deflated as an export is."""
    target = cache / f"{source.stem}.zip"
    if not _is_fresh(target, source):
        with (
            replacing(target) as out,
            zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive,
        ):
            archive.write(source, source.name)
    return target


def _units(target: Path) -> Path:
    """Return a list of UNITS documents with one image and four labels each."""
    if not _is_fresh(target, Path(__file__)):
        with replacing(target) as out:
            for number in range(UNITS):
                out.write((b", " if number else b"[") + _json(unit(number)))
            out.write(b"]")
    return target


def unit(number: int) -> dict[str, Any]:
    """Return one data unit in the form of Encord's export: one image, four labels."""
    data_hash = str(uuid.UUID(int=number))
    title = f"unit-{number}.jpg"
    info = ("contributor", "date_created", "url", "version", "year")
    categories = ("car", "person", "bicycle", "traffic light", "dog")
    return {
        "info": {"description": title, **dict.fromkeys(info)},
        "categories": [
            {"id": index, "name": name, "supercategory": "polygon"}
            for index, name in enumerate(categories, 1)
        ],
        "images": [
            {
                "id": 0,
                "file_name": f"images/{data_hash}.jpg",
                "width": 1920,
                "height": 1080,
                "coco_url": f"https://storage.example/{data_hash}",
                "image_title": title,
            }
        ],
        "annotations": [_label(number, index) for index in range(4)],
    }


def _label(number: int, index: int) -> dict[str, object]:
    x, y, w, h = number % 1800 + 0.25, index * 200 + 0.5, 96.5, 128.75
    return {
        "id": index,
        "image_id": 0,
        "category_id": index + 1,
        "bbox": [x, y, w, h],
        "area": w * h,
        "iscrowd": 0,
        "segmentation": [[x, y, x + w, y, x + w, y + h, x, y + h]],
        "keypoints": None,
        "num_keypoints": None,
        "attributes": {
            "track_id": index,
            "encord_track_uuid": f"{number:05x}{index:03x}",
            "classifications": {"occluded": index % 2 == 0, "colour": "red"},
            "manual_annotation": True,
        },
    }


def _is_fresh(target: Path, source: Path) -> bool:
    return target.is_file() and target.stat().st_mtime >= source.stat().st_mtime


@contextmanager
def replacing(target: Path) -> Iterator[BinaryIO]:
    """Give a file that gets its name only when it is complete."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f"{target.name}.{os.getpid()}.tmp")
    try:
        with partial.open("wb") as out:
            yield out
        os.replace(partial, target)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def _decoded(source: Path) -> Iterator[IO[bytes]]:
    if not zipfile.is_zipfile(source):
        with source.open("rb") as stream:
            yield stream
        return
    with zipfile.ZipFile(source) as archive:
        [member] = (name for name in archive.namelist() if name.endswith(".json"))
        with archive.open(member) as stream:
            yield stream


def _write(source: Path, times: int, out: BinaryIO) -> None:
    with _decoded(source) as stream:
        head = stream.read(64).lstrip()
    if times == 1:
        with _decoded(source) as stream:
            shutil.copyfileobj(stream, out, _CHUNK_BYTES)
    elif head.startswith(b"["):
        _write_list(source, times, out)
    else:
        _write_object(source, times, out)


def _write_list(source: Path, times: int, out: BinaryIO) -> None:
    for copy in range(times):
        out.write(b"," if copy else b"[")
        with _decoded(source) as stream:
            held = stream.read(_CHUNK_BYTES).lstrip().removeprefix(b"[")
            while chunk := stream.read(_CHUNK_BYTES):
                held += chunk
                out.write(held[:-_TAIL_BYTES])
                held = held[-_TAIL_BYTES:]
            inner, bracket, rest = held.rpartition(b"]")
            if not bracket or rest.strip():
                raise ValueError(f"{source.name} does not end with the end of a list")
            out.write(inner)
    out.write(b"]")


def _write_object(source: Path, times: int, out: BinaryIO) -> None:
    out.write(b"{")
    for key in _ONCE:
        with _decoded(source) as stream:
            for value in ijson.items(stream, key, use_float=True):
                out.write(_json(key) + b": " + _json(value) + b", ")
    last_ids: dict[str, int] = {}
    for section in _REPEATED:
        out.write(b"" if section == next(iter(_REPEATED)) else b", ")
        out.write(_json(section) + b": [")
        _write_records(source, section, times, last_ids, out)
        out.write(b"]")
    out.write(b"}")


def _write_records(source: Path, section: str, times: int, last_ids: dict[str, int], out: BinaryIO) -> None:
    """Write a section `times` over; notes the highest id of the section in `last_ids`."""
    with tempfile.TemporaryFile() as spool:
        for record in _records(source, section):
            if type(record.get("id")) is int:
                last_ids[section] = max(last_ids.get(section, 0), cast("int", record["id"]))
            spool.write(_json(record) + b"\n")
        separator = b""
        for copy in range(times):
            spool.seek(0)
            for line in spool:
                record = json.loads(line)
                for key, of_section in _REPEATED[section].items():
                    if type(record.get(key)) is int:
                        record[key] += copy * (last_ids.get(of_section, 0) + 1)
                out.write(separator + _json(record))
                separator = b", "


def _records(source: Path, section: str) -> Iterator[dict[str, object]]:
    with _decoded(source) as stream:
        yield from ijson.items(stream, f"{section}.item", use_float=True)


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def main() -> None:
    """Make one input and print its path."""
    parser = argparse.ArgumentParser(description="Make a corpus file N times as large.")
    parser.add_argument("name", help=f"{', '.join(NAMES)}, or the path of a .json or .zip file")
    parser.add_argument("times", type=int, help="how many times as large")
    parser.add_argument("--cache", type=Path, default=CACHE, help="folder to keep it in")
    options = parser.parse_args()
    try:
        path = grown(source_of(options.name, options.cache), options.times, options.cache)
    except FileNotFoundError as error:
        sys.exit(str(error))
    print(path)


if __name__ == "__main__":
    main()
