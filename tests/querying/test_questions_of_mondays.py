"""Questions about nights, splits, copies and joints: whole answers, counted by hand."""

import json
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import labelhouse
import pytest
from labelhouse.ingestion.run import IngestOptions

from tests.support.aliases import Record, Rows
from tests.support.dashboard_nights import FIRST_NIGHT, clock
from tests.support.ingesting import ingest

CLASSES = ("cat", "dog")
JOINTS = ("left_eye", "right_eye", "left_ear", "right_ear")
Label = tuple[int, str, Sequence[float]]
"""Image id, class and box."""


def dataset(
    images: dict[int, str], labels: Sequence[Label], *, size: tuple[int, int] = (1280, 960)
) -> Record:
    return {
        "images": [
            {"id": n, "file_name": name, "width": size[0], "height": size[1]} for n, name in images.items()
        ],
        "categories": [
            {"id": 1, "name": "cat", "supercategory": "animal", "keypoints": list(JOINTS)},
            {"id": 2, "name": "dog", "supercategory": "animal"},
        ],
        "annotations": [
            {
                "id": n,
                "image_id": i,
                "category_id": 1 + CLASSES.index(name),
                "bbox": list(box),
                "iscrowd": 0,
            }
            for n, (i, name, box) in enumerate(labels, 1)
        ],
    }


SPLITS = {
    "train/_annotations.json": dataset(
        {1: "a.rf.0001.jpg", 2: "b.jpg", 3: "c.jpg"},
        [
            (1, "cat", (0, 0, 100, 100)),
            (1, "dog", (0, 0, 20, 13)),
            (2, "cat", (10, 10, 50, 50)),
            (3, "cat", (1, 1, 8, 200)),
        ],
    ),
    "valid/_annotations.json": dataset(
        {1: "a.rf.0002.jpg", 2: "b.jpg"}, [(1, "cat", (0, 0, 90, 90)), (2, "cat", (10, 10, 50, 50))]
    ),
    "test.json": dataset({7: "b.jpg"}, [(7, "dog", (10, 10, 50, 50)), (7, "cat", (10, 10, 50, 50))]),
}
NIGHTS = [
    dataset(
        {1: "x.jpg", 2: "y.jpg"},
        [
            *((1, "cat", (100 * n, 0, 50, 50)) for n in range(8)),
            *((2, "dog", (100 * n, 0, 50, 50)) for n in range(3)),
        ],
    )
]
# The second night: 7 of 8 cats go, one dog becomes a cat, one dog moves by half, a dog comes.
_second = json.loads(json.dumps(NIGHTS[0]))
_second["annotations"] = [_second["annotations"][0], *_second["annotations"][8:]]
_second["annotations"][1]["category_id"] = 1
_second["annotations"][2]["bbox"] = [125, 0, 50, 50]
_second["annotations"].append(
    {"id": 40, "image_id": 2, "category_id": 2, "bbox": [900, 0, 10, 10], "iscrowd": 0}
)
NIGHTS.append(_second)
COUNTS = [9] * 19 + [16, 0]
SPARSE = dataset(
    {n: f"{n:02}.jpg" for n in range(len(COUNTS))},
    [(n, "cat", (20 * k, 0, 10, 10)) for n, count in enumerate(COUNTS) for k in range(count)],
)


def body(number: int, xs: Sequence[float]) -> Record:
    keypoints = [value for x in xs for value in (x, 10.0, 2)]
    return {
        "id": number,
        "image_id": 1,
        "category_id": 1,
        "bbox": [0, 0, 100, 100],
        "keypoints": keypoints,
        "num_keypoints": 4,
        "iscrowd": 0,
    }


FACES = dataset({1: "faces.jpg"}, [])
FACES["annotations"] = [
    *(body(n, (60, 40, 80, 20)) for n in range(1, 5)),
    body(5, (40, 60, 20, 80)),
    body(6, (40, 60, 80, 20)),
]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("mondays")
    warehouse = folder / "warehouse"
    for name, document in SPLITS.items():
        path = folder / "splits" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(document), encoding="utf-8")
    list(ingest(warehouse, [str(folder / "splits")], IngestOptions(project="splits", jobs=1)))
    for number, document in enumerate(NIGHTS):
        (folder / "nights.json").write_text(json.dumps(document), encoding="utf-8")
        with clock(FIRST_NIGHT + timedelta(days=number)):
            list(ingest(warehouse, [str(folder / "nights.json")], IngestOptions(project="nights", jobs=1)))
    for name, document in (("sparse", SPARSE), ("faces", FACES)):
        (folder / f"{name}.json").write_text(json.dumps(document), encoding="utf-8")
        list(ingest(warehouse, [str(folder / f"{name}.json")], IngestOptions(project=name, jobs=1)))
    return warehouse


def asked(warehouse: Path, question: str, **values: object) -> Rows:
    with labelhouse.ask(warehouse, question, values=values) as answer:
        return answer.fetchall()


SECOND = date(2026, 3, 3)
ANSWERS: dict[str, tuple[dict[str, object], Rows]] = {
    "split_coverage": (
        {"project": "splits", "min_labels": 2},
        [
            ("splits", "dog", "valid", 0, 0, 2),
            ("splits", "cat", "test", 1, 1, 1),
            ("splits", "dog", "test", 1, 1, 1),
            ("splits", "dog", "train", 1, 1, 1),
        ],
    ),
    "shared_images": (
        {"project": "splits"},
        [
            (
                "splits",
                "b.jpg",
                ["test", "train", "valid"],
                ["test.json", "train/_annotations.json", "valid/_annotations.json"],
                3,
                4,
                False,
            ),
            (
                "splits",
                "a",
                ["train", "valid"],
                ["train/_annotations.json", "valid/_annotations.json"],
                2,
                3,
                False,
            ),
        ],
    ),
    "images_held_twice": (
        {"project": "splits"},
        [
            (
                "splits",
                "b.jpg",
                3,
                ["test.json", "train/_annotations.json", "valid/_annotations.json"],
                1,
                2,
                0.5,
                1,
            )
        ],
    ),
    "class_changes": (
        {"project": "nights"},
        [
            ("nights", "cat", None, 7, 0, None, None),
            ("nights", "dog", "cat", 1, 0, 1.0, 1.0),
            ("nights", None, "dog", 1, 0, None, None),
            ("nights", "dog", "dog", 1, 1, 1 / 3, 1 / 3),
        ],
    ),
    "losses": (
        {"project": "nights"},
        [
            ("nights", "class", "cat", SECOND, 7, 0, 0.0, 7.0),
            ("nights", "image", "x.jpg", SECOND, 7, 0, 0.0, 7.0),
            ("nights", "document", "nights.json", SECOND, 7, 1, 0.0, 6.0),
        ],
    ),
    "sparse_images": ({"project": "sparse"}, [("sparse", "sparse.json", "20.jpg", 0, 9.0, 21, 3.0)]),
    "vanishing_labels": (
        {"project": "splits"},
        [("splits", "cat", 6, 1, 1 / 6, 1, 25.0), ("splits", "dog", 2, 1, 0.5, 1, 15.75)],
    ),
    "swapped_joints": (
        {"project": "faces"},
        [("faces", "faces.json", "faces.jpg", "#5", "cat", 2, 2, ["ear", "eye"], 1.0)],
    ),
}


@pytest.mark.parametrize("question", ANSWERS)
def test_an_answer_is_what_was_counted_by_hand(question: str, filled: Path) -> None:
    values, rows = ANSWERS[question]
    assert asked(filled, question, **values) == rows


def test_parameters_bound_the_answers(filled: Path) -> None:
    assert [row[3] for row in asked(filled, "split_coverage", min_labels=1, only_missing=False)] == [
        *(0, 1, 3, 2, 1, 1),
    ]
    assert asked(filled, "vanishing_labels", project="splits", image_size=64, min_side=1, rows=1) == [
        ("splits", "cat", 6, 1, 1 / 6, 1, 2.5)
    ]
    assert len(asked(filled, "shared_images", rows=1)) == 1
    assert asked(filled, "losses", kind="class", min_lost=8) == []
    assert [row[3] for row in asked(filled, "sparse_images", project="sparse", min_score=0, rows=2)] == [
        0,
        9,
    ]
    # The labels of a first load are added ones.
    assert asked(filled, "class_changes", project="faces")[0][:4] == ("faces", None, "cat", 6)
