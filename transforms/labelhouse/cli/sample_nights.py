"""Make three nights of exports of two projects: what the demo loads, the same bytes every time.

harbour is a zipped list of Encord's data units: image groups, single images and videos. roads is plain
COCO, a file per district. Every night has other ids, as exports do. `_second` and `_third` say what else
happens.
"""

import copy
import json
import os
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from labelhouse.cli.sample import (
    CATEGORIES,
    box,
    data_unit,
    image,
    polygon,
    rotated,
    sample_export,
    write_export,
)
from labelhouse.files.output_file import output_file
from labelhouse.files.output_place import refused

Unit = dict[str, Any]

NIGHTS = ("night-1", "night-2", "night-3")
HARBOUR, ROADS = "harbour.zip", ("roads-east.json", "roads-north.json")
_FIRST_NIGHT = datetime(2026, 1, 5, 1, 30, tzinfo=UTC)
"""When the files of the first night were written, by their dates."""
_TRUCK = 8
_COLOURS = ("red", "white", "blue", "black", "grey")
_LETTERS = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_FRAMES = 20


def write_nights(folder: Path) -> None:
    """Write a folder per night; raises UsageError if something else has the name of one of its files."""
    for day, (night, (harbour, roads)) in enumerate(zip(NIGHTS, _nights(), strict=True)):
        (folder / night).mkdir(parents=True, exist_ok=True)
        write_export(folder / night / HARBOUR, harbour)
        for name, text in roads.items():
            write_text(folder / night / name, text)
        written = (_FIRST_NIGHT + timedelta(days=day)).timestamp()
        for name in (HARBOUR, *ROADS):
            os.utime(folder / night / name, (written, written))


def write_text(path: Path, text: str) -> None:
    """Write a file of the sample; raises UsageError if another file is there."""
    data = text.encode()
    if path.exists() and path.read_bytes() != data:
        raise refused(
            path, "exists already and is not a sample export", "choose another --to, or remove it"
        )
    with output_file(path) as file:
        file.write(data)


def _nights() -> Iterator[tuple[list[Unit], dict[str, str]]]:
    """Yield the exports of each night; one file of the second night is cut short."""
    chance = random.Random(7)
    harbour = [*sample_export(), *_harbour(chance)]
    for unit in harbour:
        unit["categories"] = [*CATEGORIES, {"supercategory": "bounding_box", "id": _TRUCK, "name": "Truck"}]
    roads = {name: _district(chance, name) for name in ROADS}
    for change in (_first, _second, _third):
        change(chance, {unit["info"]["description"]: unit for unit in harbour}, roads)
        texts = {name: json.dumps(document) for name, document in roads.items()}
        if change is _second:
            texts[ROADS[0]] = texts[ROADS[0]][:-2_000]
        yield copy.deepcopy(harbour), texts


def _first(chance: random.Random, harbour: dict[str, Unit], roads: dict[str, Unit]) -> None:
    """Leave everything as it is: all of it is new."""


def _second(chance: random.Random, harbour: dict[str, Unit], roads: dict[str, Unit]) -> None:
    """Do a day's work: labels come, go, and change; all ids are others."""
    for title in ("pier-2", "yard-1", "yard-4"):
        labels = harbour[title]["annotations"]
        labels += [_car(chance, label["image_id"], 500, 400) for label in labels[:4]]
    del harbour["pier-1"]["annotations"][5:8]
    moved = [label for title in ("pier-1", "barge.mp4") for label in harbour[title]["annotations"]]
    for label in chance.sample(moved, 36):
        _move(label, 3)
    for label in [label for label in harbour["yard-2"]["annotations"] if label["category_id"] == 1][:5]:
        label["category_id"] = _TRUCK
    _label_more(chance, roads[ROADS[1]], 6)
    _renumber(harbour, roads)


def _third(chance: random.Random, harbour: dict[str, Unit], roads: dict[str, Unit]) -> None:
    """Make mistakes: lose the labels of two images, draw some twice, let a track change its class."""
    lost = harbour["pier-3"]["annotations"]
    lost[:] = [label for label in lost if label["image_id"] > 1]
    doubled = harbour["pier-4"]["annotations"]
    doubled += [_again(chance, label) for label in doubled[:5]]
    followed = harbour["tug.mp4"]["annotations"]
    cars = [label["attributes"]["encord_track_uuid"] for label in followed if label["category_id"] == 1]
    for label in followed:
        if label["attributes"]["encord_track_uuid"] == cars[0] and label["image_id"] >= 12:
            label["category_id"] = _TRUCK
    _label_more(chance, roads[ROADS[0]], 8)
    _renumber(harbour, roads)


def _harbour(chance: random.Random) -> Iterator[Unit]:
    """Yield image groups, single images and videos."""
    for number in range(1, 5):
        yield _group(chance, f"pier-{number}", 4)
    for number in range(1, 7):
        yield _group(chance, f"yard-{number}", 1)
    for title in ("tug.mp4", "barge.mp4"):
        yield _followed(chance, title)


def _group(chance: random.Random, title: str, count: int) -> Unit:
    """Return a data unit of images with nine labels each, no two of them near each other."""
    images = [
        image(index, f"images/{_hash(chance)}.jpg", "image_title", f"{title}-{index + 1}.jpg")
        for index in range(count)
    ]
    labels = []
    for index in range(count):
        for cell in range(9):
            x, y = 20 + 200 * (cell % 3), 20 + 150 * (cell // 3)
            labels.append(_KINDS[cell % len(_KINDS)](chance, index, x, y))
    return data_unit(title, images, labels)


def _followed(chance: random.Random, title: str) -> Unit:
    """Return a video in which four objects move a little from frame to frame."""
    unit = _hash(chance)
    images = [image(frame, f"videos/{unit}/{frame}.jpg", "video_title", title) for frame in range(_FRAMES)]
    firsts = [_KINDS[number % 2](chance, 0, 20 + 60 * number, 20 + 110 * number) for number in range(4)]
    labels = []
    for frame in range(_FRAMES):
        for first in firsts:
            label = copy.deepcopy(first) | {"image_id": frame}
            label["attributes"]["manual_annotation"] = frame % 5 == 0
            _move(label, 8 * frame)
            labels.append(label)
    return data_unit(title, images, labels)


def _car(chance: random.Random, image_id: int, x: int, y: int) -> Unit:
    answers = {"Colour": chance.choice(_COLOURS), "Parked": chance.random() < 0.5, "Doors": 4}
    w, h = chance.randint(60, 110), chance.randint(40, 70)
    manual = chance.random() < 0.7
    return box(image_id, _object(chance), x + chance.randint(0, 20), y, w, h, answers, manual=manual)


def _boat(chance: random.Random, image_id: int, x: int, y: int) -> Unit:
    w, h, turn = chance.randint(80, 130), chance.randint(30, 50), float(chance.randint(1, 80))
    return rotated(image_id, _object(chance), x, y + chance.randint(0, 20), w, h, turn, {"Flag": "NO"})


def _building(chance: random.Random, image_id: int, x: int, y: int) -> Unit:
    w, h = chance.randint(90, 150), chance.randint(70, 120)
    ring: list[float] = [x, y, x + w, y + 4, x + w - 5, y + h, x + 6, y + h - 3]
    return polygon(image_id, _object(chance), ring, {"Storeys": chance.randint(1, 6)})


_KINDS: tuple[Callable[[random.Random, int, int, int], Unit], ...] = (_car, _boat, _car, _building)


def _district(chance: random.Random, name: str) -> Unit:
    """Return a plain COCO document: 22 images with five labels each."""
    stem = name.removesuffix(".json")
    images = [
        {"id": 100 + n, "file_name": f"{stem}/{n:04d}.jpg", "width": 640, "height": 480} for n in range(22)
    ]
    labels = [
        _road_label(chance, 5 * n + cell, 100 + n, 20 + 200 * (cell % 3), 30 + 200 * (cell // 3))
        for n in range(22)
        for cell in range(5)
    ]
    categories = [
        {"id": number, "name": kind, "supercategory": "vehicle"}
        for number, kind in enumerate(("car", "van", "bicycle"), 1)
    ]
    return {"images": images, "annotations": labels, "categories": categories}


def _label_more(chance: random.Random, document: Unit, count: int) -> None:
    """Add a label to each of the first images, where no other is."""
    document["annotations"] += [
        _road_label(chance, 900 + n, picture["id"], 560, 400)
        for n, picture in enumerate(document["images"][:count])
    ]


def _road_label(chance: random.Random, number: int, image_id: int, x: int, y: int) -> Unit:
    w, h = chance.randint(30, 70), chance.randint(30, 70)
    return {
        "id": 1 + number,
        "image_id": image_id,
        "category_id": 1 + min(chance.randint(0, 5) // 2, 2),
        "bbox": [x, y, w, h],
        "area": w * h,
        "iscrowd": 0,
        "segmentation": [[x, y, x + w, y, x + w, y + h, x, y + h]],
    }


def _again(chance: random.Random, label: Unit) -> Unit:
    """Return a label drawn a second time, a pixel beside the first."""
    twin = copy.deepcopy(label)
    twin["attributes"]["encord_track_uuid"] = _object(chance)
    _move(twin, 1)
    return twin


def _move(label: Unit, pixels: int) -> None:
    label["bbox"][0] += pixels
    label["segmentation"] = [
        [value + pixels * (place % 2 == 0) for place, value in enumerate(ring)]
        for ring in label["segmentation"]
    ]


def _renumber(harbour: dict[str, Unit], roads: dict[str, Unit]) -> None:
    """Give ids and order that say the same: labels of a data unit, labels and images of a district."""
    for unit in harbour.values():
        unit["annotations"].reverse()
        for number, label in enumerate(unit["annotations"]):
            label["id"] = number
    for document in roads.values():
        document["images"].reverse()
        renamed = {picture["id"]: 500 + number for number, picture in enumerate(document["images"])}
        for number, label in enumerate(document["annotations"]):
            label["id"], label["image_id"] = 7_000 + number, renamed[label["image_id"]]
        for picture in document["images"]:
            picture["id"] = renamed[picture["id"]]


def _object(chance: random.Random) -> str:
    return "".join(chance.choice(_LETTERS) for _ in range(8))


def _hash(chance: random.Random) -> str:
    return f"{chance.getrandbits(32):08x}-0000-4000-8000-{chance.getrandbits(48):012x}"
