"""The marts of Encord's own exports, beside what plain Python makes of the JSON."""

import json
import math
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

import duckdb
import pytest
from labelhouse import connect
from labelhouse.marts.refresh import refresh_marts

from tests.support.aliases import Record
from tests.support.corpus import corpus_file, corpus_names
from tests.support.loading import Loader
from tests.support.sets import slow

LIMITS = ((32 * 32, "small"), (96 * 96, "medium"), (math.inf, "large"))


@pytest.fixture(scope="module")
def exports(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[duckdb.DuckDBPyConnection, dict[str, list[Record]]]]:
    """All of encord/ in one warehouse, a project a file, and the documents that were loaded."""
    corpus_file("encord")
    folder = tmp_path_factory.mktemp("marts-corpus")
    documents_by_project = {}
    with Loader(folder / "warehouse", folder) as loader:
        for name in corpus_names("encord"):
            value = json.loads(corpus_file(name).read_bytes())
            documents_by_project[name] = value if isinstance(value, list) else [value]
            row = loader.load(value, project=name)
            assert (row["status"], row["quarantined"]) == ("committed", 0)
    refresh_marts(folder / "warehouse")
    with connect(folder / "warehouse") as connection:
        yield connection, documents_by_project


def labels_of(documents: list[Record]) -> Iterator[tuple[Record, str, str, Record]]:
    """Give every label with its class and image."""
    for document in documents:
        names: dict[int, tuple[str, str]] = {}
        for category in document["categories"]:
            names.setdefault(category["id"], (category["name"], category["supercategory"]))
        images: dict[int, Record] = {}
        for image in document["images"]:
            images.setdefault(image["id"], image)
        for label in document["annotations"]:
            yield label, *names[label["category_id"]], images[label["image_id"]]


def union_area(boxes: list[tuple[float, float, float, float]]) -> float:
    """Return the area under boxes (x1, y1, x2, y2), cell by cell between all their edges."""
    xs = sorted({x for x1, _, x2, _ in boxes for x in (x1, x2)})
    ys = sorted({y for _, y1, _, y2 in boxes for y in (y1, y2)})
    return sum(
        (right - left) * (bottom - top)
        for left, right in pairwise(xs)
        for top, bottom in pairwise(ys)
        if any(x1 <= left and right <= x2 and y1 <= top and bottom <= y2 for x1, y1, x2, y2 in boxes)
    )


@slow
def test_counts_are_those_of_the_json(
    exports: tuple[duckdb.DuckDBPyConnection, dict[str, list[Record]]],
) -> None:
    connection, documents_by_project = exports
    for project, documents in documents_by_project.items():
        labels = list(labels_of(documents))
        classes = Counter((name, shape) for _, name, shape, _ in labels)
        sql = "select (category_name, supercategory), label_count from class_balance where project = $1"
        seen = dict(connection.execute(sql, [project]).fetchall())
        assert {key: count for key, count in seen.items() if count} == dict(classes)
        assert set(seen) >= {(c["name"], c["supercategory"]) for d in documents for c in d["categories"]}

        per_image = Counter(id(image) for _, _, _, image in labels)
        histogram = Counter(per_image[id(image)] for document in documents for image in document["images"])
        sql = "select label_count, image_count from labels_per_image where project = $1"
        assert dict(connection.execute(sql, [project]).fetchall()) == dict(histogram)

        sizes: Counter[tuple[str, str | None]] = Counter()
        for label, name, _, _ in labels:
            area = label.get("area") or label["bbox"][2] * label["bbox"][3]
            sizes[name, next(size for limit, size in LIMITS if area < limit) if area else None] += 1
        sql = "select (category_name, size_class), label_count from size_classes where project = $1"
        assert dict(connection.execute(sql, [project]).fetchall()) == dict(sizes)

        manual = Counter(
            (name, label["attributes"].get("manual_annotation")) for label, name, _, _ in labels
        )
        sql = "select category_name, manual_count, automated_count from automation_rate where project = $1"
        for name, drawn, made in connection.execute(sql, [project]).fetchall():
            assert (drawn, made) == (manual[name, True], manual[name, False])


def test_areas_are_those_of_the_json(
    exports: tuple[duckdb.DuckDBPyConnection, dict[str, list[Record]]],
) -> None:
    connection, documents_by_project = exports
    for project, documents in documents_by_project.items():
        images = {id(image): image for document in documents for image in document["images"]}
        boxes: dict[int, list[tuple[float, float, float, float]]] = {key: [] for key in images}
        for label, _, _, image in labels_of(documents):
            x, y, w, h = label["bbox"]
            x1, y1 = max(x, 0.0), max(y, 0.0)
            x2, y2 = min(x + w, image["width"]), min(y + h, image["height"])
            if x2 > x1 and y2 > y1:
                boxes[id(image)].append((x1, y1, x2, y2))
        assert all(len(of_image) <= 16 for of_image in boxes.values())
        area = sum(image["width"] * image["height"] for image in images.values())
        covered = sum(map(union_area, boxes.values()))
        added = sum((x2 - x1) * (y2 - y1) for of_image in boxes.values() for x1, y1, x2, y2 in of_image)
        sql = "select covered_share, box_area_share from image_coverage where project = $1"
        [(covered_share, box_area_share)] = connection.execute(sql, [project]).fetchall()
        assert math.isclose(covered_share, covered / area, rel_tol=1e-9)
        assert math.isclose(box_area_share, added / area, rel_tol=1e-9)
