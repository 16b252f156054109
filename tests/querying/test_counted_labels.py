"""Questions about classes count the segments of panoptic labels, and no captions, as the marts do."""

import json
from pathlib import Path

import pytest
from labelhouse.ingestion.run import IngestOptions
from labelhouse.querying.ask import ask, question
from labelhouse.sql_library.parameters import bound, parameters_of

from tests.support.aliases import Record, Rows
from tests.support.ingesting import session

IMAGES = [{"id": n, "file_name": f"{n}.jpg", "width": 640, "height": 480} for n in (1, 2, 3)]
CATEGORIES = [
    {"id": 1, "name": "person", "supercategory": "human"},
    {"id": 2, "name": "tree", "supercategory": "plant"},
    {"id": 3, "name": "cat", "supercategory": "animal"},
]


def segment(category: int, *box: int) -> Record:
    area = box[2] * box[3]
    return {"id": category, "category_id": category, "iscrowd": 0, "bbox": list(box), "area": area}


DOCUMENTS = {
    "panoptic/train.json": {
        "images": IMAGES,
        "categories": CATEGORIES,
        "annotations": [
            {"image_id": 1, "segments_info": [segment(1, 0, 0, 10, 10), segment(2, 0, 0, 200, 100)]},
            {"image_id": 2, "segments_info": [segment(1, 5, 5, 50, 50), segment(1, 60, 5, 10, 10)]},
        ],
    },
    "captions/train.json": {
        "images": IMAGES,
        "annotations": [
            {"id": n, "image_id": 1 + n % 3, "caption": f"what one sees on {n}"} for n in range(6)
        ],
    },
    "mixed/train.json": {
        "images": IMAGES,
        "categories": CATEGORIES,
        "annotations": [
            {"id": 1, "image_id": 1, "category_id": 3, "bbox": [0, 0, 40, 40], "iscrowd": 0},
            {"id": 2, "image_id": 1, "caption": "a cat"},
            {"id": 3, "image_id": 1, "segments_info": [segment(2, 0, 0, 300, 300)]},
        ],
    },
}
ANSWERS: dict[str, Rows] = {
    "labels_per_class": [
        ("panoptic", "person", "human", 3, 2, 1),
        ("mixed", "cat", "animal", 1, 1, 1),
        ("mixed", "tree", "plant", 1, 1, 1),
        ("panoptic", "tree", "plant", 1, 1, 1),
    ],
    "rarest_classes": [
        ("mixed", "person", "human", 0, 0),
        ("panoptic", "cat", "animal", 0, 0),
        ("mixed", "cat", "animal", 1, 1),
        ("mixed", "tree", "plant", 1, 1),
        ("panoptic", "tree", "plant", 1, 1),
        ("panoptic", "person", "human", 3, 1),
    ],
    "class_balance": [
        ("mixed", "cat", 1, 0.5, 1.0),
        ("mixed", "tree", 1, 0.5, 1.0),
        ("panoptic", "person", 3, 0.75, 1.0),
        ("panoptic", "tree", 1, 0.25, 3.0),
    ],
    "labels_per_document_and_class": [
        ("mixed", "train.json", None, "cat", 1, 1),
        ("mixed", "train.json", None, "tree", 1, 1),
        ("panoptic", "train.json", None, "person", 3, 2),
        ("panoptic", "train.json", None, "tree", 1, 1),
    ],
    "size_classes": [
        ("mixed", "cat", 1, 0, 1, 0, 0),
        ("mixed", "tree", 1, 0, 0, 1, 0),
        ("panoptic", "person", 3, 2, 1, 0, 0),
        ("panoptic", "tree", 1, 0, 0, 1, 0),
    ],
    "label_shapes": [("mixed", "bounding_box", 2, 1.0), ("panoptic", "bounding_box", 4, 1.0)],
    "automation_by_class": [
        ("mixed", "cat", 1, 0, 0, 1, None),
        ("mixed", "tree", 1, 0, 0, 1, None),
        ("panoptic", "person", 3, 0, 0, 3, None),
        ("panoptic", "tree", 1, 0, 0, 1, None),
    ],
    "mask_share": [
        ("mixed", "cat", 1, 0, 0, 1, 0.0),
        ("mixed", "tree", 1, 0, 0, 1, 0.0),
        ("panoptic", "person", 3, 0, 0, 3, 0.0),
        ("panoptic", "tree", 1, 0, 0, 1, 0.0),
    ],
    "cooccurring_classes": [
        ("mixed", "cat", "tree", 1, 1.0),
        ("panoptic", "person", "tree", 1, 0.5),
    ],
    "split_coverage": [
        ("mixed", "cat", "train", 1, 1, 9),
        ("mixed", "person", "train", 0, 0, 10),
        ("mixed", "tree", "train", 1, 1, 9),
        ("panoptic", "cat", "train", 0, 0, 10),
        ("panoptic", "person", "train", 3, 2, 7),
        ("panoptic", "tree", "train", 1, 1, 9),
    ],
}


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse with the documents, each a project of its own."""
    folder = tmp_path_factory.mktemp("counted")
    with session(folder / "warehouse") as loading:
        for name, content in DOCUMENTS.items():
            path = folder / name
            path.parent.mkdir()
            path.write_text(json.dumps(content), encoding="utf-8")
            options = IngestOptions(project=path.parent.name, jobs=1)
            [report] = loading.ingest([str(path)], options)
            assert report.status == "committed"
    return folder / "warehouse"


@pytest.mark.parametrize("name", ANSWERS)
def test_questions_about_classes_count_segments_and_no_captions(name: str, loaded: Path) -> None:
    asked = question(name)
    parameters = parameters_of(asked.header.parameters, asked.text, asked.where)
    with ask(loaded, asked, bound(parameters, [], name)) as result:
        rows = result.fetchall()
    assert sorted(rows, key=str) == sorted(ANSWERS[name], key=str)
