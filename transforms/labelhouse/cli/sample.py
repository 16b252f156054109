"""Make a small export in Encord's dialect: a zipped list of data units with every shape and answer."""

import json
import math
import zipfile
from pathlib import Path

from labelhouse.files.output_file import output_file
from labelhouse.files.output_place import refused

Record = dict[str, object]

CATEGORIES: list[Record] = [
    {"supercategory": "bounding_box", "id": 1, "name": "Car"},
    {"supercategory": "rotatable_bounding_box", "id": 2, "name": "Boat"},
    {"supercategory": "polygon", "id": 3, "name": "Building"},
    {"supercategory": "polyline", "id": 4, "name": "Lane"},
    {"supercategory": "bitmask", "id": 5, "name": "Puddle"},
    {"supercategory": "point", "id": 6, "name": "Light", "keypoints": "keypoint", "skeleton": []},
    {"supercategory": "skeleton", "id": 7, "name": "Person"},
]
_MEMBER = "export.json"
MADE = (2026, 1, 1, 0, 0, 0)
_WIDTH, _HEIGHT = 640, 480
_FRAMES = 12


def sample_export() -> list[Record]:
    """Return the export: two images in one group, one image, a video, and a text without images."""
    return [_image_group(), _single_image(), _video(), data_unit("terms-of-service.txt", [], [])]


def write_sample(path: Path) -> None:
    """Write the export as a zip, the same bytes every time; raises UsageError if another file is there."""
    write_export(path, sample_export())


def write_export(path: Path, units: list[Record]) -> None:
    """Write data units as write_sample writes its own."""
    info = zipfile.ZipInfo(_MEMBER, MADE)
    info.compress_type = zipfile.ZIP_DEFLATED
    if path.exists() and not _is_sample(path):
        raise refused(
            path, "exists already and is not a sample export", "choose another --to, or remove it"
        )
    with output_file(path) as file, zipfile.ZipFile(file, "w") as archive:
        archive.writestr(info, json.dumps(units))


def _is_sample(path: Path) -> bool:
    """Return whether a file is the sample of this version or of another."""
    try:
        with zipfile.ZipFile(path) as archive:
            return [(info.filename, info.date_time) for info in archive.infolist()] == [(_MEMBER, MADE)]
    except (OSError, zipfile.BadZipFile):
        return False


def data_unit(title: str, images: list[Record], labels: list[Record]) -> Record:
    """Return a data unit; its labels are numbered in their order."""
    empty = dict.fromkeys(("contributor", "date_created", "url", "version", "year"))
    numbered = [{**label, "id": index} for index, label in enumerate(labels)]
    return {
        "info": {"description": title, **empty},
        "categories": CATEGORIES,
        "images": images,
        "annotations": numbered,
    }


def image(image_id: int, file_name: str, title_key: str, title: str) -> Record:
    """Return an image, or a frame of a video."""
    return {
        "coco_url": f"https://storage.example.com/harbour/{file_name}",
        "id": image_id,
        title_key: title,
        "file_name": file_name,
        "height": _HEIGHT,
        "width": _WIDTH,
    }


def _image_group() -> Record:
    units = ("3f0a1c52-7d4b-4d1e-9a77-0c2f6f1d0a01", "8c1be1f0-52a4-4f6f-8b5e-2b7d9c3e4a02")
    images = [
        image(index, f"images/{unit}.jpg", "image_title", f"quay-{index + 1}.jpg")
        for index, unit in enumerate(units)
    ]
    labels = [
        box(0, "Ab3dEf7h", 120, 260, 90, 60, {"Colour": "red", "Parked": True, "Doors": 4}),
        box(0, "q/9Rt+2w", 300, 270, 80, 55, {"Colour": "white", "Parked": False, "Doors": None}),
        rotated(0, "Bo8tXy1z", 400, 120, 110, 40, 18.5, {"Flag": "NO"}),
        polygon(0, "Bu1ldN6g", [20, 40, 180, 30, 190, 160, 25, 170], {"Storeys": 3}),
        _polyline(0, "LaN3ab12", [0, 400, 320, 380, 640, 395]),
        _mask(0, "PuD7dl3e"),
        _point(0, "L1gHt00a", 512.5, 80.25, {"On": True}),
        _skeleton(0, "PeR5on01", 240, 300, {"Pose": "walking", "#relation": "Ab3dEf7h"}),
        box(1, "Ab3dEf7h", 128, 262, 91, 60, {"Colour": "red", "Parked": True, "Doors": 4}, manual=False),
        rotated(1, "Bo8tXy1z", 396, 124, 110, 40, 21.0, {"Flag": "NO"}),
        _skeleton(1, "PeR5on01", 252, 300, {"Pose": "standing"}),
    ]
    return data_unit("quay", images, labels)


def _single_image() -> Record:
    unit = "c0de5b1e-1a2b-4c3d-8e9f-aa55bb66cc03"
    labels = [
        box(0, "Vn2Car9x", 40, 300, 120, 80, {"Colour": "blue", "Parked": True, "Doors": 2}),
        polygon(0, "Bu1ldN9k", [300, 10, 620, 12, 615, 240, 310, 235], {"Storeys": None}),
    ]
    picture = image(0, f"images/{unit}.png", "image_title", "crane.png")
    return data_unit("crane.png", [picture], labels)


def _video() -> Record:
    unit = "5eaf00d5-0b0e-4a17-b1ab-77c0ffee0004"
    images = [
        image(frame, f"videos/{unit}/{frame}.jpg", "video_title", "ferry.mp4") for frame in range(_FRAMES)
    ]
    labels = []
    for frame in range(_FRAMES):
        heading = 5.0 + 2 * frame
        labels.append(rotated(frame, "FeRrY0a1", 60 + 30 * frame, 200, 140, 50, heading, {"Flag": "DK"}))
        if frame % 3 == 0:
            answers = {"Colour": "black", "Parked": False, "Doors": 4}
            labels.append(box(frame, "CaR0nB0d", 80 + 30 * frame, 190, 30, 20, answers, manual=frame == 0))
    return data_unit("ferry.mp4", images, labels)


def _label(
    image_id: int,
    category_id: int,
    uuid: str,
    box: list[float],
    area: float,
    segmentation: object,
    answers: Record,
    *,
    keypoints: list[float] | None = None,
    rotation: float | None = None,
    manual: bool = True,
) -> Record:
    turned = {} if rotation is None else {"rotation": rotation}
    return {
        "area": area,
        "bbox": box,
        "category_id": category_id,
        "image_id": image_id,
        "iscrowd": int(isinstance(segmentation, dict)),
        "segmentation": segmentation,
        "keypoints": keypoints,
        "num_keypoints": None if keypoints is None else len(keypoints) // 3,
        "attributes": {
            "track_id": sum(uuid.encode()) % 1000,
            "encord_track_uuid": uuid,
            **turned,
            "classifications": answers,
            "manual_annotation": manual,
        },
    }


def _corners(x: float, y: float, w: float, h: float) -> list[list[float]]:
    return [[x, y, x + w, y, x + w, y + h, x, y + h]]


def box(
    image_id: int,
    uuid: str,
    x: float,
    y: float,
    w: float,
    h: float,
    answers: Record,
    *,
    manual: bool = True,
) -> Record:
    """Return a label of the class Car: a box."""
    return _label(image_id, 1, uuid, [x, y, w, h], w * h, _corners(x, y, w, h), answers, manual=manual)


def rotated(
    image_id: int, uuid: str, x: float, y: float, w: float, h: float, rotation: float, answers: Record
) -> Record:
    """Return a label of the class Boat: a box turned by degrees."""
    ring = _corners(x, y, w, h)
    return _label(image_id, 2, uuid, [x, y, w, h], w * h, ring, answers, rotation=rotation)


def polygon(image_id: int, uuid: str, ring: list[float], answers: Record) -> Record:
    """Return a label of the class Building: a ring."""
    points = list(zip(ring[::2], ring[1::2], strict=True))
    area = abs(
        sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in zip(points, points[1:] + points[:1], strict=True))
    )
    return _label(image_id, 3, uuid, _bounds(points), area / 2, [ring], answers)


def _polyline(image_id: int, uuid: str, line: list[float]) -> Record:
    # Encord writes the ring of a polyline out and back again.
    points = list(zip(line[::2], line[1::2], strict=True))
    ring = [value for point in points + points[::-1] for value in point]
    return _label(image_id, 4, uuid, _bounds(points), 0.0, [ring], {"Marking": "dashed"})


def _mask(image_id: int, uuid: str) -> Record:
    # A rectangle of 6 by 10 pixels at (4, 3), columns first as COCO counts.
    counts = "Sl16j>00000000000000000m]U9"
    mask = {"size": [480, 640], "counts": counts}
    return _label(image_id, 5, uuid, [4.0, 3.0, 10.0, 6.0], 60.0, mask, {"Depth": 2.5})


def _point(image_id: int, uuid: str, x: float, y: float, answers: Record) -> Record:
    return _label(image_id, 6, uuid, [x, y, 0.0, 0.0], 0.0, [[x, y]], answers, keypoints=[x, y, 2.0])


def _skeleton(image_id: int, uuid: str, x: float, y: float, answers: Record) -> Record:
    joints: list[float] = []
    for index in range(5):
        angle = 2 * math.pi * index / 5
        joints += [
            round(x + 20 * math.cos(angle), 3),
            round(y + 40 * math.sin(angle), 3),
            float(2 - index % 3),
        ]
    box = _bounds(list(zip(joints[::3], joints[1::3], strict=True)))
    return _label(image_id, 7, uuid, box, 0.0, [], answers, keypoints=joints)


def _bounds(points: list[tuple[float, float]]) -> list[float]:
    xs, ys = zip(*points, strict=True)
    return [min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)]
