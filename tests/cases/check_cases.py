"""Tiny exports, one that trips a check and one that must not, and the exact rows that come out."""

from typing import Any

from tests.support.aliases import Record

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
    record: Record = {
        "image_id": 0,
        "category_id": category,
        "iscrowd": 0,
        "segmentation": [],
        "keypoints": None,
        "num_keypoints": None,
        "attributes": attributes,
    }
    if box is not None:
        record |= {"bbox": box, "area": box[2] * box[3]}
    return record | others


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
    record = label(SKELETON, bounds, uuid, keypoints=joints, num_keypoints=len(joints) // 3)
    return record | {"area": 0.0} | others


def polygon(*rings: list[float], area: float, **others: Any) -> Record:
    xs = [x for one in rings for x in one[::2]]
    ys = [y for one in rings for y in one[1::2]]
    bounds = [min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)]
    return label(POLYGON, bounds, segmentation=list(rings)) | {"area": area} | others


def mask(
    counts: str | list[int], bounds: list[float], area: float, size: tuple[int, int] = (48, 64)
) -> Record:
    rle = {"size": list(size), "counts": counts}
    return label(MASK, bounds, segmentation=rle, iscrowd=1) | {"area": area}


def shifted(record: Record, by: float) -> Record:
    """The label with its box moved to the right, and its polygons where they were."""
    x, y, w, h = record["bbox"]
    return record | {"bbox": [x + by, y, w, h]}


def centred(record: Record) -> Record:
    """The label with its box written from its centre."""
    x, y, w, h = record["bbox"]
    return record | {"bbox": [x + w / 2, y + h / 2, w, h]}


def big(n: int) -> list[float]:
    """A square at twice the coordinates of a box of 10 by 10 at (10 + n, 5)."""
    x = 20.0 + 2 * n
    return [x, 10.0, x + 20, 10.0, x + 20, 30.0, x, 30.0]


def images(names: list[str], *labels: Record, sizes: list[int] | None = None) -> Record:
    """A document of single images that no Encord wrote, with boxes; an image's id is its place."""
    return {
        "categories": [
            category for category in CATEGORIES if category["id"] in {one["category_id"] for one in labels}
        ],
        "images": [
            {"id": index, "file_name": name, "height": 100, "width": (sizes or [100] * len(names))[index]}
            for index, name in enumerate(names)
        ],
        "annotations": [{"id": index, **record, "attributes": {}} for index, record in enumerate(labels)],
    }


#: A rectangle of 6 by 10 pixels at (4, 3).
RLE = "S66Z100000000000000000mZ2"
#: The same on an image of 100 by 100 pixels.
WIDE_RLE = [403, 6, *[94, 6] * 9, 100 * 100 - 403 - 10 * 6 - 9 * 94]
DIFFERS = "area differs from the geometry"
OUT = "box reaches out of the image"
TWICE = "twice the same label"
CLASSES = "two classes on one place"
SQUARE = [10.0, 10.0, 30.0, 10.0, 30.0, 30.0, 10.0, 30.0]
LOWER = [10.0, 10.0, 30.0, 30.0, 10.0, 30.0]
#: 406 square pixels with an outline of 161; with the pixels of its edge some 500.
DRAWN_WITH_ITS_EDGE = [38.7, 8.4, 28.6, 69.1, 39.0, 87.0]
UPPER = [10.0, 10.0, 30.0, 10.0, 30.0, 30.0]
JOINTS = [10.0, 10.0, 2.0, 20.0, 20.0, 2.0, 30.0, 15.0, 1.0]
FIVE = {"id": SKELETON, "name": "person", "keypoints": list("abcde"), "skeleton": [[1, 2]]}

#: Records of other formats: a caption, and a panoptic label with a segment of a polyline's category.
CAPTION: Record = {"image_id": 0, "caption": "A car on a street."}
PANOPTIC: Record = {
    "image_id": 0,
    "segments_info": [{"id": 1, "category_id": POLYLINE, "bbox": [1, 1, 5, 5], "area": 25, "iscrowd": 0}],
}

#: Every shape as it should be: no check may find anything in it.
SOUND = unit(
    box(1, 1, 10, 20, "u1", answers={"Colour": "red", "#relation": "u2"}),
    turned(95, 40, 8, 40, 90.0, "u2"),
    polygon(LOWER, area=200.0),
    polygon(UPPER, area=200.0),
    polyline([10.0, 50.0, 60.0, 50.0], "u5"),
    polyline([10.0, 50.0, 60.0, 90.0], "u6"),
    polyline([10.0, 90.0, 60.0, 50.0], "u7"),
    mask(WIDE_RLE, [4.0, 3.0, 10.0, 6.0], 60.0, (100, 100)),
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
            (
                0,
                "box -5.0, 10.0, 20.0, 20.0 reaches 5.0 px out of an image of 100 x 100",
                OUT,
                "error",
                None,
                5.0,
            ),
            (
                2,
                "box 95.0, 10.0, 20.0, 5.0 reaches 15.0 px out of an image of 100 x 100",
                OUT,
                "error",
                None,
                15.0,
            ),
            (
                3,
                "box 97.0, 10.0, 10.0, 10.0 reaches 2.0 px out of an image of 100 x 100",
                OUT,
                "error",
                None,
                2.0,
            ),
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
                CAPTION,
                PANOPTIC,
            )
        ],
        [
            (0, "box of 0.0 x 10.0", "bounding_box"),
            (1, "no box, no segmentation and no keypoints", "bounding_box"),
            (3, "box of 0.0 x 0.0", "polyline"),
        ],
    ),
    "normalised_boxes": (
        [
            unit(box(0.25, 0.4, 0.2, 0.1), box(0.5, 0.5, 0.5, 0.25)),
            unit(box(0.25, 0.4, 0.2, 0.1), box(0.5, 0.5, 0.5, 1.25), name="b"),
            unit(point(0.5, 0.5), name="c"),
            unit(box(-0.75, 0.4, 0.2, 0.1), name="d"),
            unit(box(0, 0, 1, 1), name="e", size=1),
            unit(name="f"),
        ],
        [
            (None, "2 of 2 boxes lie between 0 and 1", 2, 2, 1.0),
        ],
    ),
    "area_against_geometry": (
        [
            unit(
                box(0, 0, 10, 10, area=50.0),
                box(0, 0, 10, 10, area=100.9),
                polygon(LOWER, area=400.0),
                polygon(LOWER, area=215.0),
                polygon(DRAWN_WITH_ITS_EDGE, area=505.0),
                polygon(DRAWN_WITH_ITS_EDGE, area=545.0),
                polygon(DRAWN_WITH_ITS_EDGE, area=300.0),
                mask(RLE, [4.0, 3.0, 10.0, 6.0], 75.0),
                turned(0, 0, 10, 10, 30.0, area=0.0),
            )
        ],
        [
            (0, "area 50.0 instead of 100.0", DIFFERS, "warning", None, 50.0, 100.0),
            (5, "area 545.0 instead of 406.0", DIFFERS, "warning", None, 545.0, 406.035),
            (6, "area 300.0 instead of 406.0", DIFFERS, "warning", None, 300.0, 406.035),
            (7, "area 75.0 instead of 60.0", DIFFERS, "warning", None, 75.0, 60.0),
            (8, "area 0.0 instead of 100.0", DIFFERS, "warning", None, 0.0, 100.0),
            (
                None,
                "1 of 9 labels: area is that of the box",
                "area is that of the box",
                "info",
                1,
                None,
                None,
            ),
        ],
    ),
    "duplicate_ids": (
        [unit(box(0, 0, 10, 10, id=7), box(20, 0, 10, 10, id=7), box(40, 0, 10, 10))],
        [
            (
                1,
                "annotation 7 at position 1 is also at position 0, with other content",
                "two annotations with one id and other content",
                "error",
                "annotations",
                1,
                0,
            ),
        ],
    ),
    "orphan_labels": (
        [unit(box(0, 0, 10, 10, image_id=9), box(20, 0, 10, 10))],
        [(0, "no image with id 9", 9)],
    ),
    "undefined_categories": (
        [
            unit(
                box(0, 0, 10, 10, category_id=99),
                box(20, 0, 10, 10),
                box(40, 0, 10, 10, category_id=None),
                CAPTION,
                PANOPTIC,
            ),
            unit(
                box(0, 0, 10, 10, category_id=2),
                box(20, 0, 10, 10, category_id=3),
                name="b",
                categories=CATEGORIES[:2],
            ),
        ],
        [
            (0, "no category with id 99", "category that is not defined", None, 99),
            (2, "no category_id", "label without a category", None, None),
            (
                None,
                "category ids are off by one: 1 of 2 labels has no category, "
                "and all have one with ids one lower",
                "category ids off by one",
                2,
                None,
            ),
        ],
    ),
    "unused_categories": (
        [
            unit(box(0, 0, 10, 10), categories=CATEGORIES[:3]),
            unit(turned(0, 0, 9, 9, 5.0), name="b", categories=CATEGORIES[1:2]),
            unit(PANOPTIC, name="c", categories=CATEGORIES[3:4]),
        ],
        [
            (None, "no label is a a polygon", "classes without labels", "info", 0, None, None, 1),
        ],
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
                None,
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
        [(None, "no label on 2 frames from 0 to 3", "u1", None, 0, 3, 2)],
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
                # Pairs have no visibility.
                skeleton([1.0, 1.0, 5.0, 9.0, 7.0, 7.0], num_keypoints=3),
            )
        ],
        [
            (1, "num_keypoints 2, labelled are 1 of 2", "num_keypoints differs", "warning", None, 2, 2, 1),
            (2, "num_keypoints 5, labelled are 3 of 3", "num_keypoints differs", "warning", None, 5, 3, 3),
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
    "similar_answers": (
        [
            unit(
                *(box(12 * n, 0, 9, 9, answers={"Colour": "Dark Red", "Grade": "A"}) for n in range(3)),
                box(36, 0, 9, 9, answers={"Colour": "dark_red", "Grade": "A-", "Turn": 3, "Open": True}),
                box(48, 0, 9, 9, answers={"Colour": "dark-red ", "Grade": "B", "Turn": -3, "Open": "true"}),
                box(60, 0, 9, 9, answers={"Colour": "darker", "Grade": None, "Turn": 3, "Open": True}),
                turned(72, 0, 9, 9, 0.0, answers={"Colour": "DARK RED", "#relation": "a"}),
                turned(84, 0, 9, 9, 0.0, answers={"Colour": "DARK RED", "#relation": "A"}),
            )
        ],
        [
            (
                None,
                'Colour: "dark-red " (string) has 1 label, "Dark Red" (string) has 3',
                *("answers differ in case or spaces", 1, "a bounding_box", "Colour"),
                *("dark-red ", "string", "Dark Red", "string"),
            ),
            (
                None,
                'Colour: "dark_red" (string) has 1 label, "Dark Red" (string) has 3',
                *("answers differ in case or spaces", 1, "a bounding_box", "Colour"),
                *("dark_red", "string", "Dark Red", "string"),
            ),
            (
                None,
                'Open: "true" (string) has 1 label, "true" (boolean) has 2',
                *("one answer with several types", 1, "a bounding_box", "Open"),
                *("true", "string", "true", "boolean"),
            ),
        ],
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
        [
            (None, "no label", "image without a label", "warning", 0, 1, "videos/a/1.jpg", 1),
        ],
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
                box(60, 60, 20, 20),
                box(60, 60, 20, 20, category_id=9),
                categories=[
                    *(CATEGORIES[number - 1] for number in range(1, 8)),
                    {"id": 9, "name": "boat", "supercategory": "bounding_box"},
                ],
            )
        ],
        [
            (
                1,
                "the same as the label at position 0",
                TWICE,
                "warning",
                None,
                "a bounding_box",
                0,
                "#0",
                400 / 420,
            ),
            (
                2,
                "nearly the same as the label at position 0",
                "nearly the same label",
                "warning",
                None,
                "a bounding_box",
                0,
                "#0",
                400 / 460,
            ),
            (
                2,
                "the same as the label at position 1",
                TWICE,
                "warning",
                None,
                "a bounding_box",
                1,
                "#1",
                420 / 460,
            ),
            (
                5,
                "the same as the label at position 3",
                TWICE,
                "warning",
                None,
                "a rotatable_bounding_box",
                3,
                "#3",
                1.0,
            ),
            (8, "the same as the label at position 6", TWICE, "warning", None, "a polygon", 6, "#6", 1.0),
            (10, "the same as the label at position 9", TWICE, "warning", None, "a point", 9, "#9", None),
            (
                14,
                "the same as the label at position 13",
                TWICE,
                "warning",
                None,
                "a polyline",
                13,
                "#13",
                1.0,
            ),
            (
                16,
                "the same as the label at position 15",
                TWICE,
                "warning",
                None,
                "a skeleton",
                15,
                "#15",
                1.0,
            ),
            (
                19,
                "on the place of a a bounding_box at position 18",
                CLASSES,
                "warning",
                None,
                "boat",
                18,
                "#18",
                1.0,
            ),
        ],
    ),
    "outlines_against_boxes": (
        [
            unit(
                shifted(polygon(SQUARE, area=400.0), 8),
                polygon(SQUARE, area=400.0),
                shifted(polygon(SQUARE, area=400.0), 3),
                polygon([80.0, 10.0, 120.0, 10.0, 120.0, 30.0], area=400.0, bbox=[80.0, 10.0, 20.0, 20.0]),
            ),
            unit(
                *(polygon(big(n), area=100.0, bbox=[10.0 + n, 5.0, 10.0, 10.0]) for n in range(3)), name="b"
            ),
            unit(*(centred(polygon(big(n), area=400.0)) for n in range(5)), name="c"),
        ],
        [
            (
                0,
                "box 18.0, 10.0, 20.0, 20.0, polygons 10.0, 10.0, 20.0, 20.0",
                "box beside its polygon",
                "error",
                None,
                8.0,
            ),
            (
                3,
                "polygon reaches 20.0 px out of an image of 100 x 100",
                "polygon reaches out of the image",
                "warning",
                None,
                20.0,
            ),
            (
                None,
                "3 of 3 boxes differ from their polygons: "
                "boxes at another scale than their polygons, about 0.5",
                "boxes at another scale than their polygons",
                "error",
                3,
                22.0,
            ),
            (
                None,
                "5 of 5 boxes differ from their polygons: boxes begin at their centre",
                "boxes begin at their centre",
                "error",
                5,
                10.0,
            ),
        ],
    ),
    "unsound_masks": (
        [
            unit(
                mask(RLE, [4.0, 3.0, 10.0, 6.0], 60.0),
                polygon(SQUARE, area=400.0, iscrowd=1),
                box(0, 0, 10, 10, iscrowd=2),
            )
        ],
        [
            (0, "mask of 64 x 48 on an image of 100 x 100", "mask of another size than its image", "error"),
            (1, "a polygon with iscrowd 1", "crowd flag on a polygon", "warning"),
            (2, "iscrowd 2", "crowd flag neither 0 nor 1", "warning"),
        ],
    ),
    "misplaced_keypoints": (
        [
            unit(
                skeleton([10.0, 10.0, 2.0, 120.0, 20.0, 2.0, 30.0, 15.0, 1.0]),
                skeleton([0.0, 0.0, 1.0, 20.0, 20.0, 2.0, 30.0, 15.0, 1.0]),
                skeleton([5.0, 5.0, 2.0, 5.0, 5.0, 2.0, 9.0, 9.0, 2.0, 8.0, 9.0, 2.0]),
                skeleton([10.0, 10.0, 7.0, 20.0, 20.0, 2.0, 30.0, 15.0, 1.0]),
                skeleton([0.0, 0.0, 0.0, 20.0, 20.0, 2.0, 101.0, 15.0, 1.0]),
            ),
            unit(
                skeleton([10.0, 10.0, 0.5, 20.0, 20.0, 0.7]),
                skeleton([10.0, 10.0, 0.4, 20.0, 20.0, 2.0]),
                name="b",
            ),
        ],
        [
            (
                0,
                "a keypoint lies 20.0 px outside an image of 100 x 100",
                "keypoint outside the image",
                "warning",
                None,
                3,
            ),
            (1, "1 of 3 labelled keypoints lies at 0, 0", "labelled keypoint at 0, 0", "warning", None, 3),
            (2, "2 of 4 labelled keypoints lie on one place", "keypoints on one place", "warning", None, 4),
            (
                3,
                "1 of 3 keypoints has a visibility other than 0, 1 and 2",
                "visibility neither 0, 1 nor 2",
                "warning",
                None,
                3,
            ),
            (
                None,
                "2 of 2 skeletons have visibilities other than 0, 1 and 2",
                "visibility is not COCO's",
                "info",
                2,
                None,
            ),
        ],
    ),
    "copied_images": (
        [
            images(
                ["a.jpg", "b.jpg", "a.jpg", "c.jpg"],
                *(
                    boxes
                    for image in (0, 1, 3)
                    for boxes in (
                        box(1, 1, 9, 9, image_id=image),
                        box(30 + image // 3, 1, 9, 9, image_id=image),
                    )
                ),
            ),
            images(["d.jpg"], box(1, 1, 9, 9), box(30, 1, 9, 9)),
        ],
        [
            (
                None,
                "2 labels, the same as those of a.jpg",
                "labels of another image",
                2,
                1,
                "b.jpg",
                "a.jpg",
            ),
            (None, "image 0 has the same file name", "file name of another image", 0, 2, "a.jpg", "a.jpg"),
            (
                None,
                "2 labels, the same as those of a.jpg in copied_images.json#1",
                "labels of an image in another document",
                2,
                0,
                "d.jpg",
                "a.jpg",
            ),
        ],
    ),
    "similar_category_names": (
        [
            unit(
                *(box(9 * n, 0, 8, 8, category_id=1) for n in range(11)),
                box(0, 20, 8, 8, category_id=2),
                box(0, 40, 8, 8, category_id=3),
                categories=[
                    {"id": 1, "name": "traffic light", "supercategory": "thing"},
                    {"id": 2, "name": "Traffic_Light", "supercategory": "thing"},
                    {"id": 3, "name": "trafic light", "supercategory": "thing"},
                    {"id": 4, "name": "traffic lights", "supercategory": "thing"},
                    {"id": 5, "name": "truck", "supercategory": "thing"},
                    {"id": 6, "name": "truck", "supercategory": "thing"},
                ],
            )
        ],
        [
            (
                None,
                '"Traffic_Light" has 1 label, "traffic light" has 11',
                "names differ in case or spaces",
                "warning",
                1,
                "Traffic_Light",
                "traffic light",
            ),
            (
                None,
                '"trafic light" has 1 label, "traffic light" has 11',
                "names differ by one letter",
                "info",
                1,
                "trafic light",
                "traffic light",
            ),
            (
                None,
                '"truck" is there with several ids',
                "one name with several ids",
                "warning",
                0,
                "truck",
                "truck",
            ),
        ],
    ),
    "rare_classes": (
        [
            unit(
                *(box(n % 40, n // 40, 8, 8, category_id=1 + (n >= 991)) for n in range(1000)),
                categories=[{"id": 1, "name": "car"}, {"id": 2, "name": "boat"}],
            )
        ],
        [
            (None, "1 class has fewer than 10 labels: boat", 9, 1, ["boat"]),
        ],
    ),
    "images_without_size": (
        [
            images(
                ["a.jpg", "b.jpg", "c.jpg"],
                box(0, 0, 9, 9),
                box(0, 0, 9, 9, image_id=1),
                sizes=[0, 100, 100],
            ),
            images(["a.jpg", "b.jpg"], box(0, 0, 9, 9), sizes=[0, 0]),
        ],
        [
            (None, "image of 0 x 100", "image without size", 1, 0, "a.jpg"),
            (None, "2 of 2 images have no size", "images of the document have no size", 1, None, None),
        ],
    ),
    "odd_boxes": (
        [
            unit(
                box(0, 0, 100, 99.5),
                box(5, 5, 1.5, 40),
                box(5, 50, 2, 60),
                box(5, 5, 40, 40),
                box(5, 5, 40, 40, category_id=POLYGON),
                polygon([0.0, 0.0, 0.0, 100.0, 43.0, 100.0, 100.0, 92.0, 100.0, 0.0], area=9772.0),
            ),
            images(
                [f"{n}.jpg" for n in range(6)],
                *(box(9, 9, 30, 30, image_id=n) for n in range(6)),
                *(box(10 + m, 50 + n, 8, 8, image_id=n) for n in range(6) for m in range(5)),
            ),
            images(["x.jpg"], *(box(0, 0, 100, 100 - n / 8, category_id=MASK) for n in range(3))),
        ],
        [
            (
                0,
                "box of 100.0 x 99.5 on an image of 100 x 100",
                "box of the whole image",
                "warning",
                None,
                "a bounding_box",
            ),
            (
                1,
                "box of 1.5 x 40.0 on an image of 100 x 100",
                "box thinner than two pixels",
                "warning",
                None,
                "a bounding_box",
            ),
            (None, "1 box has sides of 30 to 1 and more", "very long boxes", "info", 1, None),
            (None, "box 9.0, 9.0, 30.0, 30.0 is on 6 images", "one box on many images", "warning", 6, None),
            (
                None,
                "3 of 3 boxes of the class are the whole image",
                "class of whole images",
                "info",
                3,
                "a bitmask",
            ),
        ],
    ),
    "broken_tracks": (
        [
            unit(
                *(box(2 * n, 0, 10, 10, "u1" if n < 4 else "u2", image_id=n) for n in range(8)),
                *(box(2 * n, 40, 10, 10 if n != 4 else 60, "u3", image_id=n) for n in range(8)),
                *(box(2 * n if n < 4 else 8, 80, 10, 10, "u4", image_id=n) for n in range(9)),
                box(60, 0, 10, 10, "u4", image_id=2),
                frames=9,
            )
        ],
        [
            (4, "begins on frame 4 where u1 ended", "split track", "u2", None, 4, "u1"),
            (
                12,
                "the boxes before and after frame 4 agree, and this one differs",
                "spike",
                "u3",
                None,
                4,
                None,
            ),
            (20, "the box does not move from frame 4 on", "frozen", "u4", None, 4, None),
            (25, "twice on frame 2", "object twice on a frame", "u4", None, 2, None),
        ],
    ),
}
