"""Tiny exports, one that trips a check and one that must not, and the exact rows that come out."""

from typing import Any

Record = dict[str, Any]
Row = tuple[object, ...]

SHAPES = ("bounding_box", "rotatable_bounding_box", "polygon", "polyline", "bitmask", "point", "skeleton")
CATEGORIES: list[Record] = [
    {"supercategory": shape, "id": index + 1, "name": f"a {shape}"} for index, shape in enumerate(SHAPES)
]
BOX, TURNED, POLYGON, POLYLINE, MASK, POINT, SKELETON = range(1, 8)


def ring(x: float, y: float, w: float, h: float) -> list[list[float]]:
    return [[x, y, x + w, y, x + w, y + h, x, y + h]]


def label(category: int, box: list[float] | None, uuid: str = "", **others: Any) -> Record:
    """One label as Encord writes it; `image_id`, `rotation` and `answers` go where they belong."""
    rotation, answers = others.pop("rotation", None), others.pop("answers", {})
    attributes: Record = {"track_id": 0, "classifications": answers, "manual_annotation": True}
    if uuid:
        attributes["encord_track_uuid"] = uuid
    if rotation is not None:
        attributes["rotation"] = rotation
    found: Record = {
        "image_id": 0,
        "category_id": category,
        "iscrowd": 0,
        "segmentation": [],
        "keypoints": None,
        "num_keypoints": None,
        "attributes": attributes,
    }
    if box is not None:
        found |= {"bbox": box, "area": box[2] * box[3]}
    return found | others


def unit(
    *labels: Record,
    name: str = "a",
    frames: int = 0,
    categories: list[Record] | None = None,
    size: int = 100,
) -> Record:
    """One data unit of 100 by 100 pixels: an image, or a video of so many frames."""
    names = [f"videos/{name}/{frame}.jpg" for frame in range(frames)] or [f"images/{name}.jpg"]
    images = [
        {"coco_url": "", "id": index, "file_name": file_name, "height": size, "width": size}
        for index, file_name in enumerate(names)
    ]
    used = {entry.get("category_id") for entry in labels}
    if categories is None:
        categories = [category for category in CATEGORIES if category["id"] in used]
    numbered = [{"id": index, **entry} for index, entry in enumerate(labels)]
    return {
        "info": {"description": name},
        "categories": categories,
        "images": images,
        "annotations": numbered,
    }


def box(x: float, y: float, w: float, h: float, uuid: str = "", **others: Any) -> Record:
    return label(BOX, [x, y, w, h], uuid, segmentation=ring(x, y, w, h), **others)


def turned(
    x: float, y: float, w: float, h: float, rotation: float, uuid: str = "", **others: Any
) -> Record:
    return label(TURNED, [x, y, w, h], uuid, segmentation=ring(x, y, w, h), rotation=rotation, **others)


def point(x: float, y: float, uuid: str = "", **others: Any) -> Record:
    points: Record = {"segmentation": [[x, y]], "keypoints": [x, y, 2.0], "num_keypoints": 1}
    return label(POINT, [x, y, 0.0, 0.0], uuid, **(points | others))


def polyline(line: list[float], uuid: str = "", **others: Any) -> Record:
    """A polyline, whose ring goes out and comes back, as Encord writes it."""
    xs, ys = line[::2], line[1::2]
    points = list(zip(xs, ys, strict=True))
    there_and_back = [number for pair in points + points[::-1] for number in pair]
    bounds = [min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)]
    return label(POLYLINE, bounds, uuid, segmentation=[there_and_back]) | {"area": 0.0} | others


def skeleton(joints: list[float], uuid: str = "", **others: Any) -> Record:
    xs, ys = joints[::3], joints[1::3]
    bounds = [min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)]
    found = label(SKELETON, bounds, uuid, keypoints=joints, num_keypoints=len(joints) // 3)
    return found | {"area": 0.0} | others


def polygon(*rings: list[float], area: float, **others: Any) -> Record:
    xs = [x for one in rings for x in one[::2]]
    ys = [y for one in rings for y in one[1::2]]
    bounds = [min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)]
    return label(POLYGON, bounds, segmentation=list(rings)) | {"area": area} | others


def mask(counts: str, bounds: list[float], area: float, size: tuple[int, int] = (48, 64)) -> Record:
    rle = {"size": list(size), "counts": counts}
    return label(MASK, bounds, segmentation=rle, iscrowd=1) | {"area": area}


#: A rectangle of 6 by 10 pixels at (4, 3).
RLE = "S66Z100000000000000000mZ2"
SQUARE = [10.0, 10.0, 30.0, 10.0, 30.0, 30.0, 10.0, 30.0]
LOWER = [10.0, 10.0, 30.0, 30.0, 10.0, 30.0]
UPPER = [10.0, 10.0, 30.0, 10.0, 30.0, 30.0]
JOINTS = [10.0, 10.0, 2.0, 20.0, 20.0, 2.0, 30.0, 15.0, 1.0]
FIVE = {"id": SKELETON, "name": "person", "keypoints": list("abcde"), "skeleton": [[1, 2]]}

#: Every shape as it should be: no check may find anything in it.
SOUND = unit(
    box(1, 1, 10, 20, "u1", answers={"Colour": "red", "#relation": "u2"}),
    turned(95, 40, 8, 40, 90.0, "u2"),
    polygon(LOWER, area=200.0),
    polygon(UPPER, area=200.0),
    polyline([10.0, 50.0, 60.0, 50.0], "u5"),
    polyline([10.0, 50.0, 60.0, 90.0], "u6"),
    polyline([10.0, 90.0, 60.0, 50.0], "u7"),
    mask(RLE, [4.0, 3.0, 10.0, 6.0], 60.0),
    point(50.0, 50.0, "u9"),
    point(50.0, 52.0, "u10"),
    skeleton(JOINTS, "u11"),
)

#: check → export, and what comes out: position of the label, what is wrong, and the other columns.
CASES: dict[str, tuple[list[Record], list[Row]]] = {
    "boxes_outside_image": (
        [
            unit(
                box(-5, 10, 20, 20), box(90, 90, 10.5, 10), box(95, 10, 20, 5), turned(97, 10, 10, 10, 45.0)
            )
        ],
        [
            (0, "box -5.0, 10.0, 20.0, 20.0 on an image of 100 x 100", 5.0),
            (2, "box 95.0, 10.0, 20.0, 5.0 on an image of 100 x 100", 15.0),
            (3, "box 97.0, 10.0, 10.0, 10.0 on an image of 100 x 100", 2.0),
        ],
    ),
    "degenerate_boxes": (
        [
            unit(
                box(5, 5, 0, 10),
                label(BOX, None),
                label(POLYGON, None, segmentation=[SQUARE]),
                polyline([5.0, 5.0, 5.0, 5.0]),
                polyline([5.0, 5.0, 5.0, 9.0]),
                point(5, 5),
                skeleton([5.0, 5.0, 2.0, 5.0, 6.0, 2.0]),
            )
        ],
        [
            (0, "box of 0.0 x 10.0", "bounding_box"),
            (1, "no box, no segmentation and no keypoints", "bounding_box"),
            (3, "box of 0.0 x 0.0", "polyline"),
        ],
    ),
    "area_against_geometry": (
        [
            unit(
                box(0, 0, 10, 10, area=50.0),
                box(0, 0, 10, 10, area=100.9),
                polygon(LOWER, area=400.0),
                polygon(LOWER, area=215.0),
                mask(RLE, [4.0, 3.0, 10.0, 6.0], 75.0),
                turned(0, 0, 10, 10, 30.0, area=0.0),
            )
        ],
        [
            (0, "area 50.0 instead of 100.0", 50.0, 100.0),
            (2, "area 400.0 instead of 200.0", 400.0, 200.0),
            (4, "area 75.0 instead of 60.0", 75.0, 60.0),
            (5, "area 0.0 instead of 100.0", 0.0, 100.0),
        ],
    ),
    "duplicate_ids": (
        [unit(box(0, 0, 10, 10, id=7), box(20, 0, 10, 10, id=7), box(40, 0, 10, 10))],
        [(1, "id: another annotation of the document has it", "annotations", 1)],
    ),
    "orphan_labels": (
        [unit(box(0, 0, 10, 10, image_id=9), box(20, 0, 10, 10))],
        [(0, "no image with id 9", 9)],
    ),
    "undefined_categories": (
        [unit(box(0, 0, 10, 10, category_id=99), box(20, 0, 10, 10), box(40, 0, 10, 10, category_id=None))],
        [(0, "no category with id 99", 99), (2, "no category_id", None)],
    ),
    "unused_categories": (
        [
            unit(box(0, 0, 10, 10), categories=CATEGORIES[:3]),
            unit(turned(0, 0, 9, 9, 5.0), name="b", categories=CATEGORIES[1:2]),
        ],
        [(None, "no label is a a polygon", "a polygon", "polygon")],
    ),
    "class_switches": (
        [
            unit(
                box(0, 0, 10, 10, "u1"),
                turned(1, 0, 10, 10, 0.0, "u1", image_id=1),
                box(2, 0, 10, 10, "u1", image_id=2),
                box(50, 0, 10, 10, "u2"),
                box(51, 0, 10, 10, "u2", image_id=2),
                frames=3,
            )
        ],
        [
            (
                None,
                "changes its class 2 times: a bounding_box, a rotatable_bounding_box",
                "u1",
                ["a bounding_box", "a rotatable_bounding_box"],
                2,
            )
        ],
    ),
    "track_jumps": (
        [
            unit(
                box(0, 0, 6, 8, "u1"),
                box(30, 40, 6, 8, "u1", image_id=1),
                box(0, 80, 6, 8, "u2"),
                box(38, 80, 6, 8, "u2", image_id=2),
                point(50, 50, "u3"),
                point(55, 50, "u3", image_id=1),
                frames=3,
            )
        ],
        [(1, "moved 50.0 pixels from frame 0 to frame 1", 1, 0, 50.0)],
    ),
    "track_gaps": (
        [
            unit(
                box(0, 0, 6, 8, "u1"),
                box(2, 0, 6, 8, "u1", image_id=3),
                box(0, 80, 6, 8, "u2", image_id=1),
                box(0, 80, 6, 8, "u2", image_id=2),
                frames=4,
            )
        ],
        [(None, "no label on 2 frames from 0 to 3", "u1", 0, 3, 2)],
    ),
    "incomplete_skeletons": (
        [
            unit(skeleton([10.0, 10.0, 2.0, 20.0, 20.0, 0.0]), skeleton(JOINTS), point(9, 9)),
            unit(skeleton(JOINTS), name="b", categories=[FIVE]),
        ],
        [
            (0, "1 of 2 keypoints not labelled", 2, 1, None),
            (0, "3 keypoints instead of 5", 3, 3, 5),
        ],
    ),
    "num_keypoints_against_visibility": (
        [
            unit(
                skeleton([1.0, 1.0, 2.0, 5.0, 9.0, 0.0], "u1"),
                skeleton([1.0, 1.0, 2.0, 5.0, 9.0, 0.0]),
                skeleton(JOINTS, num_keypoints=5),
                skeleton(JOINTS),
                box(0, 0, 9, 9),
            )
        ],
        [
            (1, "num_keypoints 2, labelled are 1 of 2", 2, 2, 1),
            (2, "num_keypoints 5, labelled are 3 of 3", 5, 3, 3),
        ],
    ),
    "unanswered_attributes": (
        [
            unit(
                *(box(15 * n, 0, 10, 10, answers={"Colour": "red", "Note": None}) for n in range(4)),
                box(60, 0, 10, 10, answers={"Colour": None, "Note": None}),
                box(75, 0, 10, 10),
            )
        ],
        [(4, "no answer to Colour", "a bounding_box", "Colour", 0.8)],
    ),
    "relations_to_nothing": (
        [
            unit(
                box(0, 0, 10, 10, "u1", answers={"#relation": "u2"}),
                box(20, 0, 10, 10, "u2", answers={"#relation": ["u1", "gone"]}),
                box(40, 0, 10, 10, "u3", answers={"#relation": {"hash": "u1", "kind": "next to"}}),
                box(60, 0, 10, 10, "u4", answers={"#relation": None}),
                box(80, 0, 10, 10, "u5", answers={"#relation": "away"}),
            )
        ],
        [
            (1, "no object gone in the document", '["u1","gone"]', "gone"),
            (4, "no object away in the document", "away", "away"),
        ],
    ),
    "images_without_labels": (
        [unit(box(0, 0, 10, 10), box(0, 0, 10, 10, image_id=2), frames=3)],
        [(None, "no label", 1, "videos/a/1.jpg")],
    ),
    "near_duplicate_labels": (
        [
            unit(
                box(10, 10, 20, 20),
                box(10, 10, 20, 21),
                box(10, 10, 20, 23),
                turned(50, 10, 40, 10, 30.0),
                turned(50, 10, 40, 10, 60.0),
                turned(65, -5, 10, 40, 120.0),
                polygon(LOWER, area=200.0),
                polygon(UPPER, area=200.0),
                polygon(LOWER, area=200.0),
                point(70, 70),
                point(70, 70),
                point(70, 70.5),
                polyline([10.0, 50.0, 60.0, 90.0]),
                polyline([10.0, 90.0, 60.0, 50.0]),
                polyline([10.0, 90.0, 60.0, 50.0]),
                skeleton(JOINTS),
                skeleton(JOINTS),
                box(10, 10, 20, 20, category_id=MASK),
            )
        ],
        [
            (1, "the same as the label at position 0", "a bounding_box", 0, 400 / 420),
            (2, "the same as the label at position 1", "a bounding_box", 1, 420 / 460),
            (5, "the same as the label at position 3", "a rotatable_bounding_box", 3, 1.0),
            (8, "the same as the label at position 6", "a polygon", 6, 1.0),
            (10, "the same as the label at position 9", "a point", 9, None),
            (14, "the same as the label at position 13", "a polyline", 13, 1.0),
            (16, "the same as the label at position 15", "a skeleton", 15, 1.0),
        ],
    ),
}
