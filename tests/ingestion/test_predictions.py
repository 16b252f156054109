"""Results lists: stored as predictions, located where they are wrong, and never mixed with labels."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import labelhouse
import pytest
from labelhouse.cli.app import app
from labelhouse.ingestion.run import IngestOptions, IngestReport
from typer.testing import CliRunner

from tests.support.aliases import Rows
from tests.support.ingesting import ingest, session
from tests.support.sets import some

DATASET = {
    "images": [
        {"id": 1, "file_name": "a.jpg", "width": 100, "height": 80},
        {"id": "frame-2", "file_name": "b.jpg", "width": 100, "height": 80},
    ],
    "categories": [{"id": 1, "name": "cat"}],
    "annotations": [
        {"id": 1, "image_id": 1, "category_id": 1, "bbox": [0, 0, 10, 10], "area": 100, "iscrowd": 0},
        {
            "id": 2,
            "image_id": "frame-2",
            "category_id": 1,
            "bbox": [0, 0, 10, 10],
            "area": 100,
            "iscrowd": 0,
        },
    ],
}
RESULTS: list[dict[str, Any]] = [
    {"image_id": 1, "category_id": 1, "bbox": [0, 0, 10, 9], "score": 0.9},
    {
        "image_id": "frame-2",
        "category_id": 1,
        "segmentation": {"size": [80, 100], "counts": [0, 10, 70, 10, 7910]},
        "score": 1,
    },
    {"image_id": 77, "category_id": 1, "bbox": [0, 0, 10, 10], "score": 0.5},
    {"image_id": 1, "category_id": 9, "bbox": [0, 0, 10, 10], "score": 0.5},
    {"image_id": 1, "category_id": 1, "bbox": [0, 0, 10, 10]},
    {"image_id": 1, "category_id": 1, "score": 0.5, "url": "https://x.example/a?X-Amz-Signature=s3cret"},
    {"image_id": None, "category_id": 1, "bbox": [0, 0, 10, 10], "score": 0.5},
    {"image_id": 1, "category_id": 1, "keypoints": [5, 6, 0.5], "score": 0.25},
]


def write(folder: Path, name: str, value: object) -> str:
    path = folder / name
    path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
    return str(path)


def loaded(warehouse: Path, source: str, **options: Any) -> IngestReport:
    [report] = ingest(warehouse, [source], IngestOptions(jobs=1, **options))
    return report


def queried(warehouse: Path, sql: str) -> Rows:
    with labelhouse.query(warehouse, sql) as result:
        return result.fetchall()


COUNTS = "select count(*), count(distinct document_id), count(score) from labels"


@pytest.mark.parametrize("reader", some(["bulk", "ijson"]))
def test_predictions_are_stored_apart_and_located(reader: str, tmp_path: Path) -> None:
    warehouse = tmp_path / "warehouse"
    loaded(warehouse, write(tmp_path, "data.json", DATASET))
    before = queried(warehouse, COUNTS)
    report = loaded(warehouse, write(tmp_path, "r.json", RESULTS), model="m", reader=reader, max_bad=1)
    assert report.status == "predictions"
    assert report.as_json()["predictions"] == 7
    assert report.notes == [
        "4 predictions are left out of comparisons: the table prediction_issues says why"
    ]
    assert queried(warehouse, COUNTS) == before
    assert queried(
        warehouse,
        "select position, document_id, image_key, category_name, bbox_h, segmentation_kind, score, extra "
        "from predictions order by position",
    ) == [
        (0, "data.json", "a.jpg", "cat", 9.0, "none", 0.9, None),
        (1, "data.json", "b.jpg", "cat", None, "rle", 1.0, None),
        (2, None, None, None, 10.0, "none", 0.5, None),
        (3, "data.json", "a.jpg", None, 10.0, "none", 0.5, None),
        (4, "data.json", "a.jpg", "cat", 10.0, "none", None, None),
        (5, "data.json", "a.jpg", "cat", None, "none", 0.5, '{"url":"https://x.example/a"}'),
        (7, "data.json", "a.jpg", "cat", None, "none", 0.25, None),
    ]
    assert queried(
        warehouse, "select pointer, code, message, raw is not null from prediction_issues order by all"
    ) == [
        ("/2/image_id", "DANGLING_REF", "image_id: no image of the project has it", False),
        (
            "/3/category_id",
            "DANGLING_REF",
            "category_id: no category of the image's document has it",
            False,
        ),
        ("/4/score", "MISSING_FIELD", "score: missing", False),
        ("/5/bbox", "MISSING_FIELD", "no bbox, segmentation or keypoints", False),
        ("/6", "MISSING_FIELD", "image_id: missing", True),
    ]
    assert queried(warehouse, "select * exclude (set_key) from prediction_keypoints") == [
        (7, 0, 5.0, 6.0, 0.5)
    ]
    # Loading the list again replaces it, and an earlier state keeps the old one.
    loaded(warehouse, write(tmp_path, "r.json", RESULTS[:2]), model="m", reader=reader)
    loaded(warehouse, write(tmp_path, "r.json", RESULTS[:1]), model="other", reader=reader)
    assert queried(
        warehouse,
        "select model, list_name, prediction_count, (select count(*) from predictions p where p.set_key = "
        "s.set_key), quarantined, issues from prediction_sets s order by model",
    ) == [("m", "r.json", 2, 2, 0, 0), ("other", "r.json", 1, 1, 0, 0)]
    assert queried(warehouse, "select status, snapshot_id is null from ingests order by ingest_number") == [
        ("committed", False),
        *[("predictions", False)] * 3,
    ]
    with labelhouse.compare(warehouse, with_model="m") as result:
        assert (result.total.agreed, result.total.loose, result.total.missed) == (1, 0, 1)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., IngestReport]]:
    """Load into a warehouse with the dataset, for results lists that are rejected."""
    folder = tmp_path_factory.mktemp("dataset")
    loaded(folder / "warehouse", write(folder, "data.json", DATASET))

    with session(folder / "warehouse") as loading:

        def load(text: str, **options: Any) -> IngestReport:
            [report] = loading.ingest(
                [write(folder, "r.json", text)], IngestOptions(jobs=1, model="m", **options)
            )
            assert queried(folder / "warehouse", "select count(*) from prediction_sets") == [(0,)]
            return report

        yield load


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ("{}", "RESULTS_LIST", "an object, not a results list"),
        ("", "EMPTY_INPUT", ""),
        ("[1, 2]", "WRONG_TYPE", ""),
        ('[{"image_id": 1}', "TRUNCATED", ""),
        ('[{"image_id": 1, "score": 1, "category_id": 1}], "x": 1', "TRUNCATED", ""),
        ('[{"image_id": 1, "score": 1, "bbox": [1, 2, 3, 4]}]}', "TRAILING_DATA", ""),
        ('[{"image_id": 1, "score": 1, "bbox": [1, 2', "TRUNCATED", ""),
        ('[{"image_id": 1, "caption": "a cat"}]', "RESULTS_LIST", "no record has a bbox"),
        (
            '[{"image_id": 5, "score": 1, "bbox": [1, 2, 3, 4]}]',
            "DANGLING_REF",
            "no image with an id of this list",
        ),
        ("<html>", "NOT_JSON", "HTML"),
    ],
)
def test_what_is_no_results_list_is_rejected(
    text: str, code: str, says: str, dataset: Callable[..., IngestReport]
) -> None:
    for reader in ("bulk", "ijson"):
        report = dataset(text, reader=reader)
        assert report.status == "rejected"
        assert report.error is not None
        assert report.error.code == code
        assert says in str(report.error)
        assert "annotations" not in str(report.error.pointer)


def test_an_id_of_several_documents_needs_the_document_s_name(tmp_path: Path) -> None:
    warehouse = tmp_path / "warehouse"
    other = {**DATASET, "images": [{"id": 1, "file_name": "other.jpg"}], "annotations": []}
    loaded(warehouse, write(tmp_path, "data.json", DATASET))
    loaded(warehouse, write(tmp_path, "other.json", other))
    source = write(tmp_path, "r.json", RESULTS[:1])
    report = loaded(warehouse, source, model="m")
    assert "several documents of the project have its image ids; name the document with --of" in str(
        report.error
    )
    assert loaded(warehouse, source, model="m", of="other.json").status == "predictions"
    assert queried(warehouse, "select image_key from predictions") == [("other.jpg",)]
    # Most of the ids decide, where they can.
    assert loaded(warehouse, write(tmp_path, "r.json", RESULTS[:2]), model="m").status == "predictions"
    assert queried(warehouse, "select distinct document_id from predictions") == [("data.json",)]


def test_options_that_contradict_each_other_are_refused(tmp_path: Path) -> None:
    source = write(tmp_path, "r.json", RESULTS[:1])
    for arguments, says in (
        (["--as", "predictions"], "predictions need the name of their model"),
        (["--model", "m"], "labels have no model"),
        (["--as", "predictions", "--model", "m", "--full"], "leave out --full and --again"),
        (["--of", "x"], "only predictions are for a document"),
    ):
        outcome = CliRunner().invoke(
            app, ["--warehouse", str(tmp_path / "w"), "ingest", source, *arguments]
        )
        assert says in str(outcome.exception)
