"""Nights of exports from two projects, each with its changes, loaded as if each had come at 02:00."""

import copy
import json
import random
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

from labelhouse.ingestion.run import IngestOptions, IngestReport, ingest
from labelhouse.querying.check import check

from tests.support.aliases import Record

FIRST_NIGHT = datetime(2026, 3, 2, 2, tzinfo=UTC)
WIDTH, HEIGHT = 1280, 720
CLASSES = (
    ("Car", "bounding_box", 9),
    ("Truck", "bounding_box", 4),
    ("Boat", "rotatable_bounding_box", 4),
    ("Building", "polygon", 3),
    ("Lane", "polyline", 2),
    ("Light", "point", 2),
    ("Person", "skeleton", 5),
    ("Crane", "bounding_box", 0),  # never drawn
)
COLOURS = ("red", "white", "black", "blue", None)


def nights(project: str, count: int, seed: int) -> Iterator[list[Record]]:
    """Yield the export of each night: documents come, labels come, move, change class, and go."""
    chance = random.Random(seed)
    documents: list[Record] = []
    for night in range(count):
        for _ in range(8 if night == 0 else chance.randint(0, 3)):
            documents.append(_document(chance, f"{project}-{len(documents):04d}"))
        for document in chance.sample(documents, k=max(1, len(documents) // 6)):
            _change(chance, document, automated=min(0.85, 0.15 + 0.08 * night))
        yield copy.deepcopy(documents)


def load_nights(warehouse: Path, folder: Path, count: int = 8) -> list[IngestReport]:
    """Load both projects night by night; one export is cut short, one has bad records.

    Every third night the labels are checked.
    """
    reports: list[IngestReport] = []
    exports = {"harbour": nights("harbour", count, 1), "roads": nights("roads", count, 2)}
    for night in range(count):
        for hour, (project, states) in enumerate(exports.items()):
            path = folder / f"{project}-{night:02d}.json"
            path.write_text(_export(project, night, next(states)), encoding="utf-8")
            with clock(FIRST_NIGHT + timedelta(days=night, hours=hour)):
                reports += ingest(warehouse, [str(path)], IngestOptions(project=project, jobs=1))
                if night % 3 == 1:
                    check(warehouse, project=project)
    return reports


def load_many_classes(warehouse: Path, folder: Path, classes: int = 60) -> None:
    """Load a third project in one night, long after the others: many classes, many labels, no title."""
    images = [
        {"id": index, "file_name": f"shelf/{index:03d}.jpg", "width": 4000, "height": 4000}
        for index in range(40)
    ]
    labels: list[Record] = []
    for index in range(classes):
        for number in range(2 + (classes - index) * 2):
            place = len(labels)
            x, y = place // 40 % 60 * 60.0 + place % 40 / 8, place // 2400 * 100.0 + 1
            w, h = 20.0 + index % 30, 30.0 + number % 9
            label = {"id": place, "image_id": place % 40, "category_id": index, "bbox": [x, y, w, h]}
            labels.append(label | {"area": w * h, "iscrowd": 0, "segmentation": []})
    categories = [
        {"id": index, "name": f"product {index:02d}", "supercategory": "bounding_box"}
        for index in range(classes)
    ]
    path = folder / "catalogue.json"
    path.write_text(json.dumps({"images": images, "annotations": labels, "categories": categories}))
    with clock(FIRST_NIGHT + timedelta(days=60)):
        list(ingest(warehouse, [str(path)], IngestOptions(project="catalogue", jobs=1)))
        check(warehouse, project="catalogue")


@contextmanager
def clock(now: datetime) -> Iterator[None]:
    """Let loads begin at a time of ours; from there the clock runs as it does."""
    began = datetime.now(UTC)

    class Clock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return now + (datetime.now(tz) - began)

    with ExitStack() as patches:
        for module in ("staging.pending_ingests", "ingestion.parse_pool", "querying.check"):
            patches.enter_context(mock.patch(f"labelhouse.{module}.datetime", Clock))
        yield


def _export(project: str, night: int, documents: list[Record]) -> str:
    if (project, night) == ("roads", 6):
        return json.dumps(documents)[:-200]
    if (project, night) == ("harbour", 4):
        for label in documents[0]["annotations"][:2]:
            label["bbox"] = "not a box"
    return json.dumps(documents)


def _document(chance: random.Random, name: str) -> Record:
    hash_ = f"{chance.getrandbits(32):08x}-0000-4000-8000-{chance.getrandbits(48):012x}"
    images: list[Record] = [
        {
            "id": index,
            "file_name": f"videos/{hash_}/{index}.jpg",
            "video_title": f"{name}.mp4",
            "coco_url": f"https://storage.example.com/{hash_}/{index}.jpg",
            "width": WIDTH,
            "height": HEIGHT,
        }
        for index in range(chance.randint(3, 6))
    ]
    labels = [
        _label(chance, image["id"], automated=0.15)
        for image in images[:-1]  # the last frame has no label yet
        for _ in range(chance.randint(3, 9))
    ]
    for _ in range(2):
        labels += _track(chance, len(images) - 1)
    categories = [
        {"id": index, "name": category, "supercategory": shape}
        for index, (category, shape, _) in enumerate(CLASSES, 1)
    ]
    info = {"description": f"{name}.mp4", "contributor": None, "url": None, "year": None}
    return {"info": info, "categories": categories, "images": images, "annotations": _numbered(labels)}


def _change(chance: random.Random, document: Record, *, automated: float) -> None:
    """Add some labels to a document, move some, give some another class, and remove some."""
    labels = document["annotations"]
    for label in chance.sample(labels, k=min(3, len(labels))):
        label["bbox"][0] = round(label["bbox"][0] * 0.98, 2)
    for label in chance.sample(labels, k=min(2, len(labels))):
        if label["category_id"] in (1, 2):
            label["category_id"] = 3 - label["category_id"]
            label["attributes"]["classifications"]["Colour"] = chance.choice(COLOURS)
    kept = [label for label in labels if chance.random() > 0.05]
    frames = [image["id"] for image in document["images"][: None if chance.random() < 0.2 else -1]]
    new = [_label(chance, chance.choice(frames), automated) for _ in range(chance.randint(2, 8))]
    document["annotations"] = _numbered(kept + new)


def _track(chance: random.Random, frames: int) -> list[Record]:
    """Follow an object over the frames; now and then one is missed, or it is called something else."""
    first = _label(chance, 0, automated=0.3)
    seen = [frame for frame in range(frames) if frame == 0 or chance.random() > 0.15]
    labels = [copy.deepcopy(first) | {"image_id": frame} for frame in seen]
    if first["category_id"] in (1, 2) and chance.random() < 0.3:
        labels[-1]["category_id"] = 3 - first["category_id"]
    return labels


def _numbered(labels: list[Record]) -> list[Record]:
    return [{**label, "id": index} for index, label in enumerate(labels)]


def _label(chance: random.Random, image_id: int, automated: float) -> Record:
    [index] = chance.choices(range(len(CLASSES)), weights=[weight for *_, weight in CLASSES])
    shape = CLASSES[index][1]
    w = 0.0 if shape == "point" else round(chance.lognormvariate(4, 0.8), 1)
    h = 0.0 if shape == "point" else round(w * chance.uniform(0.4, 1.6), 1)
    x = round(min(max(chance.gauss(WIDTH / 2, WIDTH / 6), 0), WIDTH - w), 1)
    y = round(min(max(chance.gauss(HEIGHT * 0.6, HEIGHT / 8), 0), HEIGHT - h), 1)
    ring = [x, y, x + w, y, x + w, y + h, x, y + h]
    joints = [v for px in (x, x + w / 2, x + w) for v in (px, y, float(chance.randint(0, 2)))]
    keypoints = {"skeleton": joints, "point": [x, y, 2.0]}.get(shape)
    turned = {"rotation": round(chance.uniform(0, 90), 1)} if shape.startswith("rotatable") else {}
    answers = {"Colour": chance.choice(COLOURS), "Parked": chance.choice((True, False, None))}
    return {
        "image_id": image_id,
        "category_id": index + 1,
        "bbox": [x, y, w, h],
        "area": 0.0 if shape in ("point", "polyline", "skeleton") else round(w * h, 2),
        "iscrowd": 0,
        "segmentation": [ring] if shape in ("polygon", "polyline") else [],
        "keypoints": keypoints,
        "num_keypoints": None if keypoints is None else len(keypoints) // 3,
        "attributes": {
            "track_id": chance.randrange(1000),
            "encord_track_uuid": f"{chance.getrandbits(40):010x}"[:8],
            **turned,
            "classifications": answers if shape.endswith("bounding_box") else {},
            "manual_annotation": chance.random() >= automated,
        },
    }
