"""Bad label rows are rejected, quarantined or stored with an issue by the rules of COCO, and located."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from labelhouse.errors import InputError

from tests.label_rows.test_label_row_tables import Tables, staged

Row = dict[str, Any]


def box(object_hash: str = "aaaaaaa1", **keys: Any) -> Row:
    return {
        "objectHash": object_hash,
        "featureHash": "f1",
        "name": "car",
        "value": "car",
        "color": "#ff0000",
        "shape": "bounding_box",
        "createdAt": "Fri, 01 Dec 2023 11:03:24 GMT",
        "createdBy": "someone@example.com",
        "confidence": 1,
        "manualAnnotation": True,
        "boundingBox": {"x": 0.25, "y": 0.5, "w": 0.125, "h": 0.25},
        **keys,
    }


def video(*frames: Any, **keys: Any) -> Row:
    return {
        "label_hash": "l1",
        "created_at": "2023-12-01 10:29:57",
        "last_edited_at": "2023-12-01 10:29:58",
        "dataset_hash": "d1",
        "dataset_title": "data",
        "data_title": "a.mp4",
        "data_hash": "u1",
        "data_type": "video",
        "label_status": "LABELLED",
        "data_units": {
            "u1": {
                "data_hash": "u1",
                "data_title": "a.mp4",
                "data_type": "video/mp4",
                "data_sequence": 0,
                "labels": {str(number): frame for number, frame in enumerate(frames)},
                "width": 200,
                "height": 100,
                "data_fps": 25.0,
            }
        },
        "object_answers": {},
        "object_actions": {},
        "classification_answers": {},
        **keys,
    }


def frame(*objects: Any) -> Row:
    return {"objects": list(objects), "classifications": []}


def stage(value: Any, folder: Path, **options: Any) -> Tables:
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    path = folder / "rows.json"
    path.write_bytes(text)
    return staged(path, folder / "staging", **options)


def test_a_sound_row_has_no_issue(tmp_path: Path) -> None:
    tables = stage([video(frame(box()), frame(box()))], tmp_path)
    assert "issues" not in tables
    assert "quarantine" not in tables
    [first, second] = tables["annotations"]
    assert [first[f"bbox_{side}"] for side in "xywh"] == [50.0, 50.0, 25.0, 25.0]
    assert (first["track_id"], second["track_id"]) == (0, 0)
    assert [image["image_key"] for image in tables["images"]] == ["u1/0", "u1/1"]


QUARANTINED: list[tuple[str, Any, str]] = [
    ("no object", 7, "WRONG_TYPE"),
    ("null", None, "WRONG_TYPE"),
    ("no geometry", {k: v for k, v in box().items() if k != "boundingBox"}, "MISSING_FIELD"),
    ("geometry of another type", box(boundingBox=[1, 2, 3, 4]), "WRONG_TYPE"),
    ("geometry without a key", box(boundingBox={"x": 0.1, "y": 0.1, "w": 0.1}), "WRONG_TYPE"),
    ("text in geometry", box(boundingBox={"x": "0.1", "y": 0.1, "w": 0.1, "h": 0.1}), "WRONG_TYPE"),
    ("boolean in geometry", box(boundingBox={"x": True, "y": 0.1, "w": 0.1, "h": 0.1}), "WRONG_TYPE"),
    ("overflow", box(boundingBox={"x": 1e307, "y": 0.1, "w": 0.1, "h": 0.1}), "NUMBER_RANGE"),
    ("NaN", box(boundingBox={"x": float("nan"), "y": 0.1, "w": 0.1, "h": 0.1}), "NUMBER_RANGE"),
    ("Infinity", box(confidence=float("inf")), "NUMBER_RANGE"),
    ("half a surrogate pair", box(name="\ud800"), "UNICODE"),
    ("empty polygon", box(shape="polygon", polygon={}), "WRONG_TYPE"),
    (
        "gap in a polygon",
        box(shape="polygon", polygon={"0": {"x": 0, "y": 0}, "2": {"x": 0, "y": 1}}),
        "WRONG_TYPE",
    ),
    ("odd ring", box(shape="polygon", polygons=[[[0.1, 0.1, 0.2]], [[0.1, 0.1]]]), "WRONG_TYPE"),
    (
        "no run lengths",
        box(shape="bitmask", bitmask={"rleString": "~", "width": 4, "height": 4}),
        "WRONG_TYPE",
    ),
    (
        "endless mask",
        box(shape="bitmask", bitmask={"rleString": "0", "width": 1 << 40, "height": 1 << 40}),
        "WRONG_TYPE",
    ),
    (
        "too long runs",
        box(shape="bitmask", bitmask={"rleString": "_1_1", "width": 4, "height": 4}),
        "WRONG_TYPE",
    ),
    ("empty skeleton", box(shape="skeleton", skeleton={}), "WRONG_TYPE"),
    ("point of a text", box(shape="point", point="0"), "WRONG_TYPE"),
]


@pytest.mark.parametrize(
    ("label", "code"), [each[1:] for each in QUARANTINED], ids=[each[0] for each in QUARANTINED]
)
def test_a_label_that_cannot_be_stored_is_quarantined_at_its_place(
    label: Any, code: str, tmp_path: Path
) -> None:
    tables = stage([video(), video(frame(box("aaaaaaa2")), frame(box("aaaaaaa3"), label))], tmp_path)
    [bad] = tables["quarantine"]
    assert bad["code"] == code
    assert bad["pointer"] == "/1/data_units/u1/labels/1/objects/1"
    assert bad["section"] == "annotations"
    assert {one["encord_track_uuid"] for one in tables["annotations"]} == {"aaaaaaa2", "aaaaaaa3"}


def with_issue(change: Callable[[Row], None]) -> Row:
    row = video(frame(box()))
    change(row)
    return row


ISSUES: list[tuple[str, Callable[[Row], None], str, str]] = [
    (
        "unknown shape",
        lambda row: row["data_units"]["u1"]["labels"]["0"]["objects"][0].update(shape="blob"),
        "BAD_VALUE",
        "/data_units/u1/labels/0/objects/0/shape",
    ),
    (
        "time of a label",
        lambda row: row["data_units"]["u1"]["labels"]["0"]["objects"][0].update(createdAt="soon"),
        "BAD_VALUE",
        "/data_units/u1/labels/0/objects/0",
    ),
    (
        "no size",
        lambda row: row["data_units"]["u1"].update(width=None, height=None),
        "MISSING_FIELD",
        "/data_units/u1/labels/0",
    ),
    ("time of a row", lambda row: row.update(created_at="soon"), "BAD_VALUE", "/created_at"),
    (
        "answers about nothing",
        lambda row: row["object_answers"].update(
            zzzzzzzz={
                "objectHash": "zzzzzzzz",
                "classifications": [{"featureHash": "q", "name": "n", "answers": "a"}],
            }
        ),
        "DANGLING_REF",
        "/object_answers/zzzzzzzz",
    ),
    (
        "answers of another type",
        lambda row: row["object_answers"].update(aaaaaaa1=[1]),
        "WRONG_TYPE",
        "/object_answers/aaaaaaa1",
    ),
    (
        "a classification without its hash",
        lambda row: row["data_units"]["u1"]["labels"]["0"].update(classifications=[{"name": "x"}]),
        "WRONG_TYPE",
        "/data_units/u1/labels/0/classifications/0",
    ),
]


@pytest.mark.parametrize(
    ("change", "code", "pointer"), [each[1:] for each in ISSUES], ids=[each[0] for each in ISSUES]
)
def test_a_doubtful_value_is_stored_with_an_issue(
    change: Callable[[Row], None], code: str, pointer: str, tmp_path: Path
) -> None:
    tables = stage(with_issue(change), tmp_path)
    assert [(issue["code"], issue["pointer"]) for issue in tables["issues"]] == [(code, pointer)]
    assert len(tables["annotations"]) == 1


GOOD = json.dumps([video(frame(box())), video(frame(box()))]).encode()
REJECTED: list[tuple[str, bytes, str]] = [
    *[(f"cut at {at}", GOOD[:at], "TRUNCATED") for at in range(30, len(GOOD) - 1, 97)],
    ("data behind the end", GOOD + b" {}", "TRAILING_DATA"),
    ("no comma between rows", GOOD.replace(b'}, {"label_hash"', b'} {"label_hash"'), "JSON_SYNTAX"),
    ("two commas", GOOD.replace(b'}, {"label_hash"', b'},, {"label_hash"'), "JSON_SYNTAX"),
    ("a number among the rows", GOOD.replace(b'}, {"label_hash"', b'}, 7, {"label_hash"'), "NOT_AN_EXPORT"),
    ("no colon", GOOD.replace(b'"width": 200', b'"width" 200', 1), "JSON_SYNTAX"),
    ("no comma among objects", GOOD.replace(b'"name": "car", ', b'"name": "car" ', 1), "JSON_SYNTAX"),
    (
        "deep nesting",
        GOOD.replace(b'"data_fps": 25.0', b'"x": ' + b"[" * 500 + b"]" * 500, 1),
        "LIMIT_DEPTH",
    ),
    ("data units twice", GOOD.replace(b'"object_answers": {}', b'"data_units": {}', 1), "DUPLICATE_KEY"),
    ("labels twice", GOOD.replace(b'"width": 200', b'"labels": {}', 1), "DUPLICATE_KEY"),
    ("data units as a list", json.dumps({**video(), "data_units": []}).encode(), "WRONG_TYPE"),
    ("a unit as a text", json.dumps({**video(), "data_units": {"u": "x"}}).encode(), "WRONG_TYPE"),
    ("answers as a text", json.dumps({**video(), "object_answers": "x"}).encode(), "WRONG_TYPE"),
    ("not UTF-8", GOOD.replace(b'"car"', b'"c\xffr"', 1), "ENCODING"),
    ("an escape that is none", GOOD.replace(b'"car"', b'"c\\xr"', 1), "JSON_SYNTAX"),
]


@pytest.mark.parametrize(
    ("text", "code"), [each[1:] for each in REJECTED], ids=[each[0] for each in REJECTED]
)
def test_a_text_that_is_no_list_of_rows_is_rejected(text: bytes, code: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as raised:
        stage(text, tmp_path)
    assert raised.value.code == code
    assert "car" not in str(raised.value)
    for size in (64, 500):
        with pytest.raises(InputError) as again:
            stage(text, tmp_path, block_bytes=size)
        assert again.value.code == code


def test_a_number_of_a_hundred_thousand_digits_is_quarantined(tmp_path: Path) -> None:
    row = json.dumps([video(frame(box(), box("aaaaaaa2")))]).encode()
    text = row.replace(b'"x": 0.25', b'"x": ' + b"1" * 100_000, 1)
    tables = stage(text, tmp_path)
    [bad] = tables["quarantine"]
    assert (bad["code"], bad["pointer"]) == ("NUMBER_RANGE", "/0/data_units/u1/labels/0/objects/0")


def test_a_frame_that_is_no_object_is_quarantined(tmp_path: Path) -> None:
    tables = stage(video(frame(box()), 5), tmp_path)
    [bad] = tables["quarantine"]
    assert (bad["code"], bad["pointer"]) == ("WRONG_TYPE", "/data_units/u1/labels/1")


def test_keys_may_be_escaped(tmp_path: Path) -> None:
    row = video(frame(box()))
    expected = stage(row, tmp_path)
    text = json.dumps(row).encode()
    for key in (b"labels", b"data_units", b"object_answers"):
        escaped = b"\\u00%x" % key[0] + key[1:]
        assert stage(text.replace(b'"%s"' % key, b'"%s"' % escaped), tmp_path) == expected


def test_classes_without_an_ontology_come_from_the_labels(tmp_path: Path) -> None:
    other = copy.deepcopy(box("aaaaaaa2"))
    other |= {
        "featureHash": "f2",
        "name": "road",
        "shape": "polyline",
        "polyline": [{"x": 0, "y": 0}, {"x": 1, "y": 1}],
    }
    tables = stage(video(frame(box(), other)), tmp_path)
    assert [(one["category_id"], one["name"], one["supercategory"]) for one in tables["categories"]] == [
        (1, "car", "bounding_box"),
        (2, "road", "polyline"),
    ]
    assert "issues" not in tables
