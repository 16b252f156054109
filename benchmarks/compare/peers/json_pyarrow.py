"""Contender: json.load and pyarrow, the script that one writes for a file that fits in memory.

    python -m benchmarks.compare.peers.json_pyarrow FOLDER SOURCE...

It makes the columns of Labelhouse's tables, save those that only a warehouse has. Values of mixed types
are coerced by hand as each of them turned up; the next new one is a traceback.
"""

import hashlib
import json
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from labelhouse.schema.warehouse_tables import (
    ANNOTATIONS,
    ATTRIBUTES,
    CATEGORIES,
    DOCUMENTS,
    IMAGES,
    KEYPOINTS,
    Table,
)

from benchmarks.compare.peers.opened import opened

Record = dict[str, Any]
Columns = defaultdict[str, list[Any]]

_FILE_NAME = re.compile(
    r"(images|videos|dicom|nifti|pdfs)/([^/]+?)(?:\.[^./]*|/(.+?)(?:\.jpg)?)", re.DOTALL
)
_MEDIA_TYPES = {"images": "image", "videos": "video", "pdfs": "pdf"}
_SECTIONS = ("images", "categories", "annotations")


def load(sources: Sequence[Path], folder: Path, loads: Callable[[bytes], Any] = json.loads) -> None:
    """Read COCO files, or lists of COCO documents, and write their tables into `folder`."""
    tables: dict[Table, Columns] = {
        table: defaultdict(list)
        for table in (DOCUMENTS, IMAGES, CATEGORIES, ANNOTATIONS, KEYPOINTS, ATTRIBUTES)
    }
    category_sets: set[str] = set()
    for key, (source, document) in enumerate(_documents(sources, loads)):
        categories = document.get("categories", [])
        category_set = hashlib.md5(json.dumps(categories, sort_keys=True).encode()).hexdigest()
        _add(tables[DOCUMENTS], _document(key, document, source, category_set))
        if category_set not in category_sets:
            category_sets.add(category_set)
            for position, record in enumerate(categories):
                _add(tables[CATEGORIES], _category(category_set, position, record))
        for position, record in enumerate(document.get("images", [])):
            _add(tables[IMAGES], _image(key, position, record))
        for position, record in enumerate(document.get("annotations", [])):
            place = {
                "document_key": key,
                "annotation_position": position,
                "annotation_id": _integer(record.get("id")),
            }
            for row in _keypoints(record.get("keypoints") or []):
                _add(tables[KEYPOINTS], place | row)
            for row in _attributes(record.get("attributes") or {}):
                _add(tables[ATTRIBUTES], place | row)
            _add(tables[ANNOTATIONS], _annotation(key, position, record))
    for table, columns in tables.items():
        rows = len(next(iter(columns.values()), []))
        arrays = [
            pa.array(columns[field.name], field.type)
            if field.name in columns
            else pa.nulls(rows, field.type)
            for field in table.arrow
        ]
        pq.write_table(
            pa.Table.from_arrays(arrays, schema=table.arrow),
            folder / f"{table.name}.parquet",
            compression="zstd",
        )


def _documents(sources: Sequence[Path], loads: Callable[[bytes], Any]) -> Iterable[tuple[Path, Record]]:
    for source in sources:
        with opened(source) as file:
            export = loads(file.read())
        yield from ((source, document) for document in (export if isinstance(export, list) else [export]))


def _add(columns: Columns, row: Mapping[str, Any]) -> None:
    for name, value in row.items():
        columns[name].append(value)


def _document(key: int, document: Record, source: Path, category_set: str) -> Record:
    info = document.get("info")
    rest = {k: v for k, v in document.items() if k not in _SECTIONS}
    return {
        "document_key": key,
        "project": "default",
        "document_id": f"{source.name}#{key + 1}",
        "title": _string(info.get("description")) if isinstance(info, dict) else None,
        "source": str(source),
        "position": key,
        "category_set": category_set,
        "image_count": len(document.get("images", [])),
        "annotation_count": len(document.get("annotations", [])),
        "extra": _text(rest) if rest else None,
    }


def _image(key: int, position: int, record: Record) -> Record:
    file_name = record.pop("file_name", None)
    match = _FILE_NAME.fullmatch(file_name or "")
    folder, data_hash, frame = match.groups() if match else (None, None, None)
    last = (frame or "").rpartition("/")[2]
    url = record.pop("coco_url", None)
    titles = [record.pop("image_title", None), record.pop("video_title", None)]
    return {
        "document_key": key,
        "position": position,
        "image_id": _integer(record.pop("id")),
        "image_key": "/".join(filter(None, (data_hash, frame))) or file_name,
        "file_name": file_name,
        "title": titles[0] or titles[1],
        "media_type": _MEDIA_TYPES.get(folder, folder) if folder else "image",
        "data_hash": data_hash,
        "frame": int(last) if last.isdecimal() else None,
        "width": record.pop("width", None),
        "height": record.pop("height", None),
        "coco_url": url and url.partition("?")[0],
        "extra": _text(record) if record else None,
    }


def _category(category_set: str, position: int, record: Record) -> Record:
    record = dict(record)
    keypoints = record.pop("keypoints", None)
    return {
        "category_set": category_set,
        "position": position,
        "category_id": _integer(record.pop("id")),
        "name": _string(record.pop("name", None)),
        "supercategory": record.pop("supercategory", None),
        "keypoints": [keypoints] if isinstance(keypoints, str) else keypoints,
        "skeleton": record.pop("skeleton", None),
        "extra": _text(record) if record else None,
    }


def _annotation(key: int, position: int, record: Record) -> Record:
    bbox = record.pop("bbox", None) or [None] * 4
    segmentation = record.pop("segmentation", None)
    attributes = record.pop("attributes", None) or {}
    mask = segmentation if isinstance(segmentation, dict) else {}
    height, width = mask.get("size", (None, None))
    counts = mask.get("counts")
    polygons = segmentation if isinstance(segmentation, list) else None
    if polygons and not isinstance(polygons[0], list):
        polygons = [polygons]
    record.pop("keypoints", None)
    x, y, w, h = (None if v is None else float(v) for v in bbox)
    row = {
        "document_key": key,
        "position": position,
        "annotation_id": _integer(record.pop("id", None)),
        "image_id": _integer(record.pop("image_id")),
        "category_id": _integer(record.pop("category_id", None)),
        "bbox_x": x,
        "bbox_y": y,
        "bbox_w": w,
        "bbox_h": h,
        "area": record.pop("area", None),
        "iscrowd": _flag(record.pop("iscrowd", None)),
        "segmentation_kind": "rle" if mask else "polygon" if polygons else "none",
        "polygons": polygons,
        "rle_height": height,
        "rle_width": width,
        "rle_counts": _text(counts) if isinstance(counts, list) else counts,
        "num_keypoints": record.pop("num_keypoints", None),
        "track_id": attributes.get("track_id", record.pop("track_id", None)),
        "encord_track_uuid": attributes.get("encord_track_uuid"),
        "rotation": attributes.get("rotation"),
        "manual_annotation": attributes.get("manual_annotation"),
        "score": record.pop("score", None),
    }
    return row | {"extra": _text(record) if record else None}


def _keypoints(values: list[Any]) -> Iterable[Record]:
    if values and isinstance(values[0], list):
        values = [number for point in values for number in (*point, None)[:3]]
    for index in range(len(values) // 3):
        x, y, visibility = values[3 * index : 3 * index + 3]
        yield {"keypoint_index": index, "x": x, "y": y, "visibility": visibility}


def _attributes(attributes: Record) -> Iterable[Record]:
    for name, value in attributes.items():
        if name == "classifications" and isinstance(value, dict):
            for question, answer in value.items():
                yield _attribute(question, "classification", answer)
        elif name not in ("track_id", "encord_track_uuid", "rotation", "manual_annotation"):
            yield _attribute(name, "attribute", value)


def _attribute(name: str, origin: str, value: Any) -> Record:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    kinds = {str: "string", bool: "boolean", type(None): "null"}
    return {
        "name": name,
        "origin": "relation" if name == "#relation" else origin,
        "value": value if value is None or isinstance(value, str) else _text(value),
        "value_type": "number" if is_number else kinds.get(type(value), "json"),
        "value_number": float(value) if is_number else None,
        "value_boolean": value if isinstance(value, bool) else None,
    }


def _integer(value: Any) -> int | None:
    return None if value is None else int(value)


def _string(value: Any) -> str | None:
    return None if value is None else str(value)


def _flag(value: Any) -> int | None:
    if isinstance(value, str):
        return int(value == "true") if value in ("true", "false") else int(value)
    return None if value is None else int(value)


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


if __name__ == "__main__":
    load([Path(argument) for argument in sys.argv[2:]], Path(sys.argv[1]))
