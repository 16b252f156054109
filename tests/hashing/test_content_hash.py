"""A label's hash tells what it says from who it is, and blanks tell null from missing."""

import json
from pathlib import Path

import pytest
from labelhouse import connect

from tests.support.aliases import Load, Rows, Write
from tests.support.exports import unit
from tests.support.sets import some


def labels(warehouse: Path, columns: str) -> Rows:
    with connect(warehouse) as connection:
        return connection.execute(f"select {columns} from annotations order by position").fetchall()


def hashes(warehouse: Path) -> list[int | None]:
    return [content_hash for (content_hash,) in labels(warehouse, "content_hash")]


def test_ids_order_and_place_do_not_count(write: Write, load: Load, warehouse: Path) -> None:
    document = unit("a", labels=6)
    document["annotations"][2]["keypoints"] = [1.5, 2.5, 2]
    document["annotations"][3]["score"] = 0.5
    load(write("1.json", [document]))
    before = hashes(warehouse)
    assert len(set(before)) == 6
    document["categories"] = [
        {"supercategory": "bounding_box", "id": 1, "name": "Bus"},
        {"supercategory": "bounding_box", "id": 9, "name": "Car"},
    ]
    document["images"][0] |= {"id": 33, "coco_url": "https://user:pw@host/a.jpg?signature=1"}
    for label in document["annotations"]:
        label |= {"id": 100 - label["id"], "image_id": 33, "category_id": 9, "track_id": 5}
        label["attributes"] |= {"track_id": label["attributes"]["track_id"] + 40}
    document["annotations"].reverse()
    load(write("1.json", [document]))
    assert hashes(warehouse) == before[::-1]


CHANGES = [
    ("bbox", [0.0, 2.0, 3.0, 4.5]),
    ("area", 12.5),
    ("iscrowd", 1),
    ("segmentation", [[1, 2, 3, 4, 5, 6]]),
    ("segmentation", {"size": [2, 2], "counts": "04"}),
    ("segmentation", {"size": [2, 2], "counts": [0, 4]}),
    ("keypoints", [1, 2, 0]),
    ("num_keypoints", 1),
    ("score", 0.25),
    ("note", "seen"),
    ("attributes/rotation", 12.0),
    ("attributes/manual_annotation", False),
    ("attributes/classifications", {"Colour": "blue"}),
    ("attributes/classifications", {"Colour": "red", "Wet": True}),
    ("attributes/classifications", {}),
    ("attributes/Colour", "red"),
]


@pytest.mark.parametrize("reader", some(["bulk", "ijson"]))
def test_everything_else_counts(reader: str, write: Write, load: Load, warehouse: Path) -> None:
    document = unit("a", labels=2 + len(CHANGES))
    for label, (key, value) in zip(document["annotations"][2:], CHANGES, strict=True):
        *outer, inner = key.split("/")
        place = label
        for name in outer:
            place = place[name]
        place[inner] = value
    # All stand in one place, so that they differ by their change alone; the first two have none.
    for label in document["annotations"]:
        label["bbox"][0] = 0.0
    load(write("1.json", [document]), reader=reader)
    stored = hashes(warehouse)
    assert stored[0] == stored[1]
    by_hash = dict(zip(stored[1:], [("nothing", None), *CHANGES], strict=True))
    assert list(by_hash.values()) == [("nothing", None), *CHANGES]


MISSING = object()


BLANKS: list[tuple[dict[str, object], dict[str, object] | None]] = [
    ({}, {"keypoints": None, "num_keypoints": None}),
    ({"keypoints": MISSING, "num_keypoints": MISSING}, None),
    ({"keypoints": [], "num_keypoints": 0}, {"keypoints": []}),
    ({"segmentation": None}, {"keypoints": None, "num_keypoints": None, "segmentation": None}),
    ({"attributes": None}, {"attributes": None, "keypoints": None, "num_keypoints": None}),
    ({"attributes": {}}, {"attributes": {}, "keypoints": None, "num_keypoints": None}),
    (
        {"attributes": {"rotation": None, "classifications": {}}},
        {
            "attributes": {"rotation": None, "classifications": {}},
            "keypoints": None,
            "num_keypoints": None,
        },
    ),
    ({"attributes": {"other": None}}, {"keypoints": None, "num_keypoints": None}),
    (
        {"bbox": None, "score": None},
        {"bbox": None, "score": None, "keypoints": None, "num_keypoints": None},
    ),
]


@pytest.mark.parametrize("reader", some(["bulk", "ijson"]))
def test_blanks_name_the_keys_that_are_null_or_empty(
    reader: str, write: Write, load: Load, warehouse: Path
) -> None:
    document = unit("a", labels=len(BLANKS))
    document["annotations"] = [
        {key: value for key, value in {**label, **changes}.items() if value is not MISSING}
        for label, (changes, _) in zip(document["annotations"], BLANKS, strict=True)
    ]
    load(write("1.json", [document]), reader=reader)
    stored = [text and json.loads(text) for (text,) in labels(warehouse, "blanks")]
    assert stored == [blanks for _, blanks in BLANKS]


def test_blanks_of_images_and_categories(write: Write, load: Load, warehouse: Path) -> None:
    document = unit("a", labels=1)
    document["images"][0] |= {"width": None, "video_title": None}
    document["categories"][0] |= {"skeleton": None}
    load(write("1.json", [document]))
    with connect(warehouse) as connection:
        cursor = connection.execute("select blanks from images union all select blanks from categories")
        assert [json.loads(text) for (text,) in cursor.fetchall()] == [
            {"video_title": None, "width": None},
            {"skeleton": None},
        ]
