"""Two sides compared label by label, predictions beside labels, and AP as pycocotools prints it."""

import contextlib
import csv
import io
import json
import random
from collections.abc import Sequence
from dataclasses import astuple
from pathlib import Path
from typing import Any

import labelhouse
import pytest
from labelhouse.cli.app import app
from labelhouse.errors import UsageError
from labelhouse.ingestion.run import IngestOptions, IngestReport
from labelhouse.querying.compare import CompareResult
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
from typer.testing import CliRunner

from tests.support.aliases import Record, Rows
from tests.support.corpus import FOLDER
from tests.support.ingesting import ingest
from tests.support.sets import slow, some

REAL = FOLDER / "real"
EVAL = "MiXaiLL76+faster_coco_eval/tests"
PAIRS = [
    (
        "Elbhnasy+Medical_Waste_Detection_Detectron2/data/test/_annotations.coco.json",
        "Elbhnasy+Medical_Waste_Detection_Detectron2/output/coco_instances_results.json",
        ("bbox",),
    ),
    (
        f"{EVAL}/keypoints_dataset/gt_dataset.json",
        f"{EVAL}/keypoints_dataset/dt_dataset.json",
        ("bbox", "keypoints"),
    ),
    (
        f"{EVAL}/dataset/cocoapi/instances_val2014_100.json",
        f"{EVAL}/dataset/cocoapi/instances_val2014_fakesegm100_results.json",
        ("segm",),
    ),
    (
        f"{EVAL}/dataset/cocoapi/instances_val2014_100.json",
        f"{EVAL}/dataset/cocoapi/instances_val2014_fakebbox100_results.json",
        ("bbox",),
    ),
    (f"{EVAL}/dataset/gt_dataset.json", f"{EVAL}/dataset/dt_dataset.json", ("bbox", "segm")),
    (
        "derekallman+hotcoco/crates/hotcoco/tests/fixtures/zero_gt.json",
        "derekallman+hotcoco/crates/hotcoco/tests/fixtures/zero_dt.json",
        ("bbox",),
    ),
    (
        "derekallman+hotcoco/crates/hotcoco/tests/fixtures/edge_gt.json",
        "derekallman+hotcoco/crates/hotcoco/tests/fixtures/edge_dt.json",
        ("bbox",),
    ),
]
CATEGORIES = [{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}, {"id": 3, "name": "owl"}]


def dataset(names: Sequence[str], labels: Sequence[tuple[int, int, Sequence[float]]]) -> Record:
    return {
        "images": [
            {"id": n, "file_name": name, "width": 400, "height": 300} for n, name in enumerate(names, 1)
        ],
        "categories": CATEGORIES,
        "annotations": [
            {
                "id": n,
                "image_id": image,
                "category_id": category,
                "bbox": list(box),
                "area": box[2] * box[3],
                "iscrowd": 0,
            }
            for n, (image, category, box) in enumerate(labels, 1)
        ],
    }


FIRST = dataset(
    ["batch1/a.jpg", "batch1/b.jpg", "batch1/only_first.jpg"],
    [
        (1, 1, (0, 0, 100, 100)),
        (1, 1, (200, 0, 100, 100)),
        (1, 2, (0, 150, 100, 100)),
        (2, 1, (0, 0, 100, 100)),
        (2, 3, (300, 0, 50, 50)),
        (3, 1, (0, 0, 10, 10)),
    ],
)
SECOND = dataset(
    ["b.jpg", "a.jpg"],
    [
        (2, 1, (0, 0, 100, 100)),
        (2, 1, (230, 0, 100, 100)),
        (2, 3, (0, 150, 100, 100)),
        (1, 1, (0, 10, 100, 100)),
        # It overlaps the label less than the one above, which is matched first.
        (1, 1, (0, 20, 100, 100)),
    ],
)


def write(folder: Path, name: str, value: object) -> str:
    path = folder / name
    path.write_text(json.dumps(value), encoding="utf-8")
    return str(path)


def loaded(warehouse: Path, source: str, **options: Any) -> IngestReport:
    [report] = ingest(warehouse, [source], IngestOptions(jobs=1, **options))
    return report


@pytest.fixture(scope="module")
def annotators(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two annotators' exports of the same images, whose names differ by a folder."""
    folder = tmp_path_factory.mktemp("annotators")
    loaded(folder / "warehouse", write(folder, "first.json", FIRST), project="anna")
    loaded(folder / "warehouse", write(folder, "second.json", SECOND), project="bert")
    loaded(folder / "warehouse", write(folder, "second.json", FIRST), project="bert")
    return folder / "warehouse"


def rows(result: CompareResult, part: Any = "labels") -> Rows:
    return result.rows(part).fetchall()


def test_every_label_has_its_outcome(annotators: Path) -> None:
    with labelhouse.compare(
        annotators, project="anna", with_project="bert", with_as_of="ingest:2"
    ) as result:
        assert astuple(result.coverage) == (2, 1, 0, 0, 0, 0)
        assert astuple(result.total) == pytest.approx(
            (2, 1, 1, 1, 1, 3 / 5, 3 / 5, 3 / 5, (1 + 90 / 110 + 70 / 130) / 3)
        )
        assert result.average_precision == []
        a, b = ("first.json", "batch1/a.jpg"), ("first.json", "batch1/b.jpg")
        assert [row[:8] for row in rows(result)] == [
            (*a, "loose", "cat", "cat", "#2", "#2", pytest.approx(70 / 130)),
            (*a, "other class", "dog", "owl", "#3", "#3", 1.0),
            (*a, "agreed", "cat", "cat", "#1", "#1", 1.0),
            (*b, "extra", None, "cat", None, "#5", None),
            (*b, "missed", "owl", None, "#5", None, None),
            (*b, "agreed", "cat", "cat", "#4", "#4", pytest.approx(90 / 110)),
        ]
        assert [row[:-1] for row in rows(result, "classes")] == [
            ("owl", 0, 0, 1, 1, 0, 0, 0, 0),
            ("dog", 0, 0, 1, 0, 0, None, 0, 0),
            ("cat", 2, 1, 0, 0, 1, 3 / 4, 1.0, 6 / 7),
        ]
        assert [row[:3] for row in rows(result, "confusion")] == [
            ("cat", "cat", 3),
            ("dog", "owl", 1),
            ("owl", None, 1),
            (None, "cat", 1),
        ]
        assert [row[1:7] for row in rows(result, "images")] == [
            ("batch1/b.jpg", 1, 0, 0, 1, 1),
            ("batch1/a.jpg", 1, 1, 1, 0, 0),
        ]
        assert [row[:6] for row in rows(result, "documents")] == [("first.json", 2, 1, 1, 1, 1)]
        assert set(result.as_json()) == {
            *("coverage", "total", "average_precision", "notes"),
            *("classes", "documents", "confusion", "images", "labels"),
        }


def test_documents_and_states_are_sides_too(annotators: Path) -> None:
    with labelhouse.compare(annotators, project="bert", as_of="ingest:2", with_as_of="ingest:3") as result:
        assert result.coverage.images == 2
        assert result.total.agreed == 2
    with labelhouse.compare(
        annotators, project="anna", document="first.json", with_project="bert", with_document="second.json"
    ) as result:
        assert (result.total.agreed, result.total.f1) == (6, 1.0)
    for options, says in (
        ({}, "a comparison needs a second side"),
        ({"with_project": "anna"}, "both sides are the same"),
        ({"with_project": "carl"}, "there is no such project"),
        ({"with_document": "x"}, "the project has no such document in this state"),
        ({"with_model": "x"}, "the project has no predictions of this model"),
        ({"with_project": "bert", "min_iou": 0.01}, "out of their range"),
    ):
        with pytest.raises(UsageError, match=says):
            labelhouse.compare(annotators, project="anna", **options)


def test_the_command_writes_every_format(annotators: Path) -> None:
    def run(*arguments: str) -> str:
        command = ["--warehouse", str(annotators), "compare", "--project", "anna", "--with-project", "bert"]
        outcome = CliRunner().invoke(app, [*command, "--with-as-of", "ingest:2", *arguments])
        assert outcome.exit_code == 0, outcome.output
        return outcome.output

    text = run()
    assert "2 images on both sides" in text
    assert "2 labels agree, 1 are loose, 1 have another class, 1 are missed, 1 are extra" in text
    assert len(json.loads(run("--format", "json"))["labels"]) == 6
    table = list(csv.DictReader(io.StringIO(run("--format", "csv", "--rows", "confusion"))))
    assert table[1] == {"category": "dog", "other_category": "owl", "labels": "1", "mean_iou": "1.0"}


@slow
def test_matching_is_greedy_by_overlap_on_dense_images_too(tmp_path: Path) -> None:
    """Images with more than a million pairs are paired by cells; the matches are those of all pairs."""
    chance = random.Random(18)

    def boxes() -> list[tuple[int, int, list[float]]]:
        return [
            (1, 1, [chance.uniform(0, 900), chance.uniform(0, 900), *(chance.uniform(5, 60) for _ in "wh")])
            for _ in range(1_050)
        ]

    first, second = boxes(), boxes()
    for project, labels in (("one", first), ("two", second)):
        source = write(tmp_path, f"{project}.json", dataset(["a.jpg"], labels))
        loaded(tmp_path / "warehouse", source, project=project)
    pairs = sorted(
        (-iou, n, m)
        for n, (_, _, a) in enumerate(first)
        for m, (_, _, b) in enumerate(second)
        if (iou := overlap(a, b)) >= 0.5
    )
    taken: set[int] = set()
    others: set[int] = set()
    expected = {}
    for iou, n, m in pairs:
        if n not in taken and m not in others:
            taken.add(n)
            others.add(m)
            expected[f"#{n + 1}", f"#{m + 1}"] = -iou
    warehouse = tmp_path / "warehouse"
    with labelhouse.compare(warehouse, project="one", with_project="two") as result:
        matched = {(row[5], row[6]): row[7] for row in rows(result) if row[2] in ("agreed", "loose")}
    assert len(expected) > 50
    assert matched == pytest.approx(expected)


def overlap(a: Sequence[float], b: Sequence[float]) -> float:
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    shared = max(width, 0) * max(height, 0)
    return shared / (a[2] * a[3] + b[2] * b[3] - shared)


def printed(truth: Path, results: Path, kind: str) -> list[float]:
    """What pycocotools prints, with all digits."""
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO(str(truth))
        known = [r for r in json.loads(results.read_text()) if r["image_id"] in coco.imgs]
        evaluation = COCOeval(coco, coco.loadRes(known), kind)
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return list(evaluation.stats)


@pytest.mark.parametrize(("truth", "results", "kinds"), some(PAIRS, 2))
def test_average_precision_is_that_of_pycocotools(
    truth: str, results: str, kinds: tuple[str, ...], tmp_path: Path
) -> None:
    if not REAL.is_dir():
        pytest.skip("needs the corpus")
    loaded(tmp_path / "warehouse", str(REAL / truth))
    report = loaded(tmp_path / "warehouse", str(REAL / results), model="m")
    assert report.status == "predictions"
    with labelhouse.compare(tmp_path / "warehouse", with_model="m") as result:
        assert [precision.kind for precision in result.average_precision] == list(kinds)
        for precision in result.average_precision:
            numbers = [-1 if number is None else number for number in precision.total.values()]
            assert numbers == pytest.approx(
                printed(REAL / truth, REAL / results, precision.kind), rel=1e-12, abs=1e-15
            )


@pytest.mark.parametrize("seed", some([1, 2, 3], 1))
def test_average_precision_of_noisy_labels_is_that_of_pycocotools(seed: int, tmp_path: Path) -> None:
    """Labels with crowds, areas apart from their boxes', ties of scores, more predictions than count."""
    chance = random.Random(seed)
    labels = [
        (
            chance.randint(1, 12),
            chance.choice((1, 1, 2)),
            [float(chance.randint(0, 200)) for _ in "xy"] + [float(chance.randint(1, 150)) for _ in "wh"],
        )
        for _ in range(150)
    ]
    truth = dataset([f"{n}.jpg" for n in range(12)], labels)
    for label in chance.sample(truth["annotations"], 15):
        label["iscrowd"] = 1
    for label in chance.sample(truth["annotations"], 70):
        # COCO sorts labels into small, medium and large by this, and not by their boxes.
        label["area"] *= chance.uniform(0.05, 1)
    results = [
        {
            "image_id": image,
            "category_id": chance.choice((category, category, category, 3)),
            "bbox": [value + chance.uniform(-8, 8) for value in box[:2]] + box[2:],
            "score": round(chance.random(), 1),
        }
        for image, category, box in labels * 3
    ]
    results += [
        {"image_id": 1, "category_id": 1, "bbox": [n, n, 30.0, 30.0], "score": 0.05} for n in range(150)
    ]
    paths = [write(tmp_path, "truth.json", truth), write(tmp_path, "results.json", results)]
    loaded(tmp_path / "warehouse", paths[0])
    loaded(tmp_path / "warehouse", paths[1], model="noise")
    with labelhouse.compare(tmp_path / "warehouse", with_model="noise") as result:
        [precision] = result.average_precision
        numbers = [-1 if number is None else number for number in precision.total.values()]
    assert numbers == pytest.approx(printed(Path(paths[0]), Path(paths[1]), "bbox"), rel=1e-12)
