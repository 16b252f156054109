"""The views that people start from: a tiny export in, the exact rows out."""

from pathlib import Path

from labelhouse import connect

from tests.cases.check_cases import CATEGORIES, FIVE, JOINTS, SKELETON, box, point, skeleton, turned, unit
from tests.support.aliases import Load, Rows, Write


def rows(warehouse: Path, sql: str) -> Rows:
    with connect(warehouse) as connection:
        return connection.execute(sql).fetchall()


def test_tracks_tell_where_an_object_begins_ends_is_missing_and_changes_class(
    write: Write, load: Load, warehouse: Path
) -> None:
    document = unit(
        box(0, 0, 10, 10, "u1", image_id=1),
        turned(1, 0, 10, 10, 0.0, "u1", image_id=2),
        box(2, 0, 10, 10, "u1", image_id=5),
        box(50, 0, 10, 10, "u2", image_id=0),
        box(50, 9, 10, 10, "u2", image_id=0),
        box(9, 9, 9, 9),
        frames=6,
    )
    # The video's frames 0, 10, 20, ...: a gap counts frames that the document has.
    for index, image in enumerate(document["images"]):
        image["file_name"] = f"videos/a/{10 * index}.jpg"
    load(write("1.json", [document, unit(box(0, 0, 9, 9, "u1"), name="still")]))
    names = ["a bounding_box", "a rotatable_bounding_box"]
    assert rows(
        warehouse,
        "select * exclude (document_key) from tracks order by track",
    ) == [
        ("default", "a", "u1", None, "u1", names[0], "bounding_box", names, 10, 50, 41, 3, 3, 2, 2),
        ("default", "a", "u2", None, "u2", names[0], "bounding_box", names[:1], 0, 0, 1, 2, 1, 0, 0),
    ]


def test_relations_tell_whether_the_document_has_the_object(
    write: Write, load: Load, warehouse: Path
) -> None:
    load(
        write(
            "1.json",
            [
                unit(
                    box(0, 0, 9, 9, "u1", answers={"#relation": ["u2", "gone"], "Colour": "red"}),
                    point(5, 5, "u2", answers={"#relation": "u1"}),
                ),
                unit(box(0, 0, 9, 9, "gone"), name="b"),
            ],
        )
    )
    assert rows(
        warehouse,
        "select document_id, image_key, annotation_position, label_id, category_name, target, "
        "target_category, is_found from relations order by annotation_position, target",
    ) == [
        ("a", "a", 0, "u1", "a bounding_box", "gone", None, False),
        ("a", "a", 0, "u1", "a bounding_box", "u2", "a point", True),
        ("a", "a", 1, "u2", "a point", "u1", "a bounding_box", True),
    ]


def test_keypoint_labels_name_the_keypoints(write: Write, load: Load, warehouse: Path) -> None:
    load(write("1.json", [unit(skeleton(JOINTS, "u1"), categories=[FIVE])]))
    load(
        write("2.json", [unit(skeleton(JOINTS, "u1"), categories=CATEGORIES[SKELETON - 1 :])]),
        project="bare",
    )
    question = (
        "select project, label_id, category_name, keypoint_index, keypoint_name, x, y, visibility "
        "from keypoint_labels order by all"
    )
    assert rows(warehouse, question) == [
        ("bare", "u1", "a skeleton", 0, None, 10.0, 10.0, 2.0),
        ("bare", "u1", "a skeleton", 1, None, 20.0, 20.0, 2.0),
        ("bare", "u1", "a skeleton", 2, None, 30.0, 15.0, 1.0),
        ("default", "u1", "person", 0, "a", 10.0, 10.0, 2.0),
        ("default", "u1", "person", 1, "b", 20.0, 20.0, 2.0),
        ("default", "u1", "person", 2, "c", 30.0, 15.0, 1.0),
    ]


def test_attribute_answers_tell_what_was_answered(write: Write, load: Load, warehouse: Path) -> None:
    answers = {"Colour": "red", "Doors": 4, "Parked": False, "Note": None}
    load(write("1.json", [unit(box(0, 0, 9, 9, "u1", answers=answers))]))
    assert rows(
        warehouse,
        "select document_id, label_id, category_name, name, origin, value, value_number, value_boolean, "
        "is_answered from attribute_answers order by name",
    ) == [
        ("a", "u1", "a bounding_box", "Colour", "classification", "red", None, None, True),
        ("a", "u1", "a bounding_box", "Doors", "classification", "4", 4.0, None, True),
        ("a", "u1", "a bounding_box", "Note", "classification", None, None, None, False),
        ("a", "u1", "a bounding_box", "Parked", "classification", "false", None, False, True),
    ]


def test_a_label_stands_once_in_each_view_whatever_ids_repeat(
    write: Write, load: Load, warehouse: Path
) -> None:
    document = unit(
        box(0, 0, 9, 9, "u1", id=1, answers={"a": 1}), box(1, 0, 9, 9, "u2", id=1, answers={"a": 1})
    )
    document["images"] *= 2
    document["categories"] *= 2
    load(write("1.json", [document]))
    for view in ("labels", "attribute_answers"):
        assert rows(warehouse, f"select count(*) from {view}") == [(2,)]
