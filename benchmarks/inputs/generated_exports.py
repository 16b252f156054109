"""Make exports in the form of Encord's, of any size, the same bytes each time.

    python -m benchmarks.inputs.generated_exports encord-617 mixed-154 [--zip] [--cache FOLDER]

A name is a variant and the size of the JSON in MB; 617 MB are 480,000 annotations.

- `encord`: one document. Boxes, rotatable boxes, polygons, polylines, points and skeletons with
  coordinates of up to 17 digits, and classifications of several types.
- `encord-list`: the same as a list of data units: thousands of small ones, and four that hold 5% each.
- `answers`, `answers-list`: the same of videos, whose frames belong to one data unit, with 17 joints and a
  number of its own in the answers of each label.
- `images`: a list of data units of one image and five labels each, 200,000 of them in 619 MB.
- `mixed`, `mixed-list`: as above, with what a reader of fixed types fails on: RLE objects (compressed and
  as counts) beside lists of polygons, ids as integers and floats, flags as numbers, booleans and strings.

Made as a stream: holds one block of records. An existing file is kept: delete it to make it again.
"""

import argparse
import json
import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.inputs.grow import CACHE, replacing, zipped

VARIANTS = ("encord", "encord-list", "answers", "answers-list", "images", "mixed", "mixed-list")
_NAME = re.compile(r"(encord|mixed|answers|images(?!-list))(-list)?-(\d+)")
_ANNOTATIONS_PER_MB = 480_000 / 617

# The shapes with their share of the annotations; a mixed export has bitmasks in addition.
_SHAPES = ("box", "rotatable", "polygon", "polyline", "point", "skeleton", "bitmask")
_SHARES = (0.30, 0.05, 0.50, 0.05, 0.03, 0.07)
_BITMASK_SHARE = 0.15
_TYPES = {"box": "bounding_box", "rotatable": "rotatable_bounding_box", "skeleton": "skeleton"}
_MEDIAN_POINTS = 27.5
_MAX_POINTS = 600
_JOINTS, _MANY_JOINTS = 7, 17
_LABELS_OF_AN_IMAGE = 5
_IMAGES_PER_MB = 200_000 / 619
_WIDTH, _HEIGHT = 1920, 1080
_ANNOTATIONS_PER_IMAGE = 12
_MEDIAN_UNIT = 16
_BIG_UNITS, _BIG_SHARE = 4, 0.05
_BLOCK = 2_000
_MASKS = 64
_SEED = 20_261_101


def is_generated(name: str) -> bool:
    """Return whether a name is that of a generated export."""
    return _NAME.fullmatch(name) is not None


def generated(name: str, cache: Path = CACHE, part: int = 0) -> Path:
    """Return the plain JSON file of a generated export; makes it if it is not there.

    Parts of one document have other images and labels, each the same each time.
    """
    match = _NAME.fullmatch(name)
    if not match:
        raise ValueError(f"{name} is not VARIANT-MB with one of the variants {', '.join(VARIANTS)}")
    variant, is_list, mb = match.groups()
    # To the thousand, so that 154 MB are 120,000.
    annotations = max(100, 1000 * round(int(mb) * _ANNOTATIONS_PER_MB / 1000))
    target = cache / (f"{name}-part-{part}.json" if part else f"{name}.json")
    if not target.is_file():
        with replacing(target) as out:
            if is_list or variant == "images":
                images = [_LABELS_OF_AN_IMAGE] * round(int(mb) * _IMAGES_PER_MB)
                for number, size in enumerate(images if variant == "images" else unit_sizes(annotations)):
                    out.write(b", " if number else b"[")
                    for text in document(number, size, variant=variant):
                        out.write(text.encode())
                out.write(b"]")
            else:
                for text in document(part, annotations, variant=variant):
                    out.write(text.encode())
    return target


def unit_sizes(annotations: int) -> list[int]:
    """Return how many annotations each data unit of a list has; they add up to `annotations`."""
    random = np.random.default_rng([_SEED, annotations])
    big = [int(annotations * _BIG_SHARE)] * _BIG_UNITS
    left, small = annotations - sum(big), []
    while left:
        size = min(left, 1 + int(random.lognormal(np.log(_MEDIAN_UNIT), 0.7)))
        small.append(size)
        left -= size
    # The big ones lie between the others.
    step = len(small) // (_BIG_UNITS + 1)
    for index, size in enumerate(big):
        small.insert(step * (index + 1) + index, size)
    return small


def document(number: int, annotations: int, *, variant: str = "encord") -> Iterator[str]:
    """Give the text of one document in pieces of a block of records."""
    info = dict.fromkeys(("contributor", "date_created", "url", "version", "year"))
    yield '{"info": ' + json.dumps({"description": f"unit-{number}", **info})
    categories = [_category(index, _joints_of(variant)) for index in range(len(_SHAPES))]
    yield ', "categories": ' + json.dumps(categories)
    yield ', "images": ['
    images = max(1, -(-annotations // _ANNOTATIONS_PER_IMAGE))
    for start in range(0, images, _BLOCK):
        numbers = range(start, min(images, start + _BLOCK))
        records = (
            json.dumps(_frame(number, i) if variant == "answers" else _image(number, i)) for i in numbers
        )
        yield (", " if start else "") + ", ".join(records)
    yield '], "annotations": ['
    for start in range(0, annotations, _BLOCK):
        rows = min(_BLOCK, annotations - start)
        random = np.random.default_rng([_SEED, number, start])
        yield (", " if start else "") + ", ".join(_annotations(random, start, rows, variant))
    yield "]}"


def _joints_of(variant: str) -> int:
    return _MANY_JOINTS if variant == "answers" else _JOINTS


def _category(index: int, joints: int) -> dict[str, Any]:
    name = _SHAPES[index]
    category: dict[str, Any] = {"supercategory": _TYPES.get(name, name), "id": index + 1, "name": name}
    if name == "skeleton":
        category |= {"keypoints": [f"joint {i}" for i in range(joints)], "skeleton": [[1, 2], [2, 3]]}
    return category


def _image(number: int, index: int) -> dict[str, Any]:
    data_hash = uuid.UUID(int=(number << 64) + index + (1 << 127))
    return {
        "coco_url": f"https://storage.example/{data_hash}.jpg",
        "id": index,
        "image_title": f"frame-{number}-{index}.jpg",
        "file_name": f"images/{data_hash}.jpg",
        "height": _HEIGHT,
        "width": _WIDTH,
    }


def _frame(number: int, index: int) -> dict[str, Any]:
    data_hash = uuid.UUID(int=(number << 64) + (1 << 127))
    return {
        "coco_url": f"https://storage.example/{data_hash}",
        "id": index,
        "video_title": f"unit-{number}",
        "file_name": f"videos/{data_hash}/{index}.jpg",
        "height": _HEIGHT,
        "width": _WIDTH,
    }


def _annotations(random: np.random.Generator, start: int, rows: int, variant: str) -> Iterator[str]:
    """Give the text of `rows` annotations; numbers of a block are drawn at once, which is the fast way."""
    mixed = variant == "mixed"
    shares = [*(s * (1 - _BITMASK_SHARE) for s in _SHARES), _BITMASK_SHARE] if mixed else [*_SHARES, 0.0]
    shapes = random.choice(len(_SHAPES), rows, p=shares)
    counts = 3 + random.lognormal(np.log(_MEDIAN_POINTS), 0.8, rows).astype(int)
    counts = np.minimum(counts, _MAX_POINTS)
    ends = np.cumsum(counts)
    starts = ends - counts
    radii = random.uniform(8, 240, (rows, 2))
    centres = radii + random.uniform(0, 1, (rows, 2)) * ([_WIDTH, _HEIGHT] - 2 * radii)
    # Points of a star around the centre, by angle.
    step = np.arange(ends[-1]) - np.repeat(starts, counts)
    angles = 2 * np.pi * (step + random.uniform(0, 1, ends[-1])) / np.repeat(counts, counts)
    unit = np.column_stack((np.cos(angles), np.sin(angles))) * random.uniform(0.5, 1, (ends[-1], 1))
    points = np.repeat(centres, counts, axis=0) + unit * np.repeat(radii, counts, axis=0)
    lows, highs = np.minimum.reduceat(points, starts), np.maximum.reduceat(points, starts)
    boxes = np.column_stack((lows, highs - lows)).tolist()
    flat = points.ravel().tolist()
    joints = random.integers(0, 3, (rows, _joints_of(variant))).tolist()
    choices = random.integers(0, 1 << 30, rows).tolist()
    speeds = random.uniform(0, 1, rows).tolist() if variant == "answers" else []
    for row, shape in enumerate(shapes.tolist()):
        of_row = flat[2 * starts[row] : 2 * ends[row]]
        record = _annotation(start + row, _SHAPES[shape], of_row, boxes[row], joints[row], choices[row])
        if mixed:
            _mix(record, choices[row])
        if speeds:
            record["attributes"]["classifications"]["speed"] = speeds[row]
        yield json.dumps(record)


def _annotation(
    number: int, shape: str, points: list[float], box: list[float], joints: list[int], choice: int
) -> dict[str, Any]:
    """Return one annotation; `points` are x, y by turns, `box` is x, y, width, height, in pixels."""
    x, y, w, h = box
    area, keypoints, segmentation = 0.0, None, []
    if shape in ("box", "rotatable"):
        area, segmentation = w * h, [[x, y, x + w, y, x + w, y + h, x, y + h]]
    elif shape == "polygon":
        area, segmentation = w * h * 0.7, _rings(points, choice)
    elif shape == "polyline":
        segmentation = [points]
    elif shape == "point":
        box, segmentation, keypoints = [*points[:2], 0.0, 0.0], [points[:2]], [*points[:2], 2.0]
    elif shape == "skeleton":
        keypoints = [
            value
            for i, visibility in enumerate(joints)
            for value in (*points[2 * (i % 3) : 2 * (i % 3) + 2], float(visibility))
        ]
    attributes: dict[str, Any] = {"track_id": number, "encord_track_uuid": f"{choice:08x}"}
    if shape == "rotatable":
        attributes["rotation"] = choice % 3600 / 10
    attributes |= {"classifications": _classifications(choice), "manual_annotation": choice % 7 != 0}
    return {
        "area": area,
        "bbox": box,
        "category_id": _SHAPES.index(shape) + 1,
        "image_id": number // _ANNOTATIONS_PER_IMAGE,
        "iscrowd": 0,
        "segmentation": segmentation,
        "keypoints": keypoints,
        "num_keypoints": len(keypoints) // 3 if keypoints else None,
        "id": number,
        "attributes": attributes,
    }


def _rings(points: list[float], choice: int) -> list[list[float]]:
    """Cut one in eight polygons into two to five rings of three points or more."""
    rings = 2 + choice % 4 if choice % 8 == 0 else 1
    size = max(6, len(points) // rings // 2 * 2)
    cuts = [*range(0, len(points) - size + 1, size)][:rings]
    return [points[a:b] for a, b in zip(cuts, [*cuts[1:], len(points)], strict=True)]


def _classifications(choice: int) -> dict[str, Any]:
    return {
        "colour": ("red", "green", "blue", None)[choice % 4],
        "occluded": choice % 3 == 0,
        "truncated": choice % 5 == 0,
    } | ({"note": f"seen at {choice % 24}:00"} if choice % 11 == 0 else {})


def _mix(record: dict[str, Any], choice: int) -> None:
    """Give some values of a record another type, as exports of other tools have it."""
    if record["category_id"] == _SHAPES.index("bitmask") + 1:
        record["segmentation"] = _mask(choice % _MASKS, compressed=choice % 4 != 0)
        record["iscrowd"] = 1
    if choice % 5 == 1:
        record["id"], record["image_id"] = float(record["id"]), float(record["image_id"])
    if choice % 6 == 1:
        record["iscrowd"] = bool(record["iscrowd"])
    elif choice % 6 == 2:
        record["iscrowd"] = str(record["iscrowd"])
    if choice % 7 == 1:
        record["bbox"] = [int(value) for value in record["bbox"]]


def _mask(number: int, *, compressed: bool) -> dict[str, Any]:
    random = np.random.default_rng([_SEED, number])
    runs = random.integers(1, 60, 2 * int(random.integers(10, 60))).tolist()
    counts = [*runs, 512 * 512 - sum(runs)]
    return {"size": [512, 512], "counts": compress_runs(counts) if compressed else counts}


def compress_runs(counts: list[int]) -> str:
    """Return run lengths in COCO's text form: differences to the run before the last, in 5-bit groups."""
    text = []
    for index, count in enumerate(counts):
        value = count - counts[index - 2] if index > 2 else count
        more = True
        while more:
            bits, value = value & 0x1F, value >> 5
            more = value != (-1 if bits & 0x10 else 0)
            text.append(chr((bits | 0x20 if more else bits) + 48))
    return "".join(text)


def main() -> None:
    """Make exports and print their paths."""
    parser = argparse.ArgumentParser(description="Make exports in the form of Encord's.")
    parser.add_argument("names", nargs="+", help=f"VARIANT-MB, with {', '.join(VARIANTS)}")
    parser.add_argument("--zip", action="store_true", help="make the zip of each, too")
    parser.add_argument("--cache", type=Path, default=CACHE, help="folder to keep them in")
    options = parser.parse_args()
    if bad := [name for name in options.names if not is_generated(name)]:
        parser.error(f"{bad[0]} is not VARIANT-MB with one of the variants {', '.join(VARIANTS)}")
    for name in options.names:
        path = generated(name, options.cache)
        print(path)
        if options.zip:
            print(zipped(path, options.cache))


if __name__ == "__main__":
    main()
