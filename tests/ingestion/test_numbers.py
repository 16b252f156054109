"""The numbers that SQL gives are those of pycocotools, and of plain Python where it has none.

Every file of the corpus that loads is compared, label by label. Counts, boxes, areas as exported, keypoint
counts, size classes and mask areas are equal; the macros' sums of floating-point numbers (IoU, shoelace
areas, lengths) may differ by ROUNDING, relative to the larger of value and 1.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import duckdb
import numpy as np
import pytest
from labelhouse import connect
from labelhouse.ingestion.run import IngestOptions

from tests.reference.independent import documents_of, units_of
from tests.support.aliases import Record, Rows
from tests.support.corpus import FOLDER, corpus_names, each_file, loadable_copy
from tests.support.ingesting import ingest
from tests.support.sets import slow

mask = pytest.importorskip("pycocotools.mask", reason="needs pycocotools, of the extra `dev`")

ROUNDING = 1e-9
#: Labels of one image whose IoU matrix is compared; all pairs of more would take long.
MATRIX = 60

Warehouse = tuple[duckdb.DuckDBPyConnection, dict[str, int]]
"""A connection, and the first document key of each file that loaded."""


@dataclass(frozen=True)
class File:
    documents: list[Record]
    labels: dict[tuple[int, int], Record]
    ask: Callable[[str], Rows]


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """All files in one warehouse: a connection, and the first document key of each file that loaded."""
    folder = tmp_path_factory.mktemp("numbers") / "warehouse"
    options = IngestOptions(jobs=2, max_bad=1.0)
    real = loadable_copy("real", tmp_path_factory.mktemp("corpus") / "real")
    list(ingest(folder, [str(real)], replace(options, project="real", full=True)))
    # Encord's files hold the same data units: each has a project of its own.
    for name in corpus_names("encord"):
        list(ingest(folder, [str(FOLDER / name)], replace(options, project=name)))
    with closing(connect(folder)) as connection:
        keys = connection.execute(
            "select source, ingest_number << 32 from ingests where status = 'committed'"
        )
        # Files are known by where they lie in the corpus, not in the copy.
        committed = {Path(source): key for source, key in keys.fetchall()}
        originals = {
            real / path.relative_to(FOLDER / "real"): path for path in (FOLDER / "real").rglob("*")
        }
        yield connection, {str(originals.get(source, source)): key for source, key in committed.items()}


@pytest.fixture
def file(name: str, warehouse: Warehouse) -> File:
    """The documents of a file, its labels that were stored, and a function that asks for its rows."""
    connection, keys = warehouse
    key = keys.get(str(FOLDER / name))
    if key is None:
        pytest.skip("is not loaded, as test_corpus_tables holds")

    def ask(sql: str) -> Rows:
        return connection.execute(
            sql.replace("{own}", f"document_key between {key} and {key + 2**32 - 1}")
        ).fetchall()

    units = [unit for document in documents_of(FOLDER / name) for unit in units_of(document)]
    documents = [unit.value for unit in units]
    kept = set(ask(f"select {KEY} from annotations where {{own}}"))
    labels = {
        (number, position): label
        for number, unit in enumerate(units)
        for index, label in enumerate(unit.value.get("annotations") or [])
        # An object of several data units is a document for each: its labels keep their places.
        for position in [unit.positions["annotations"][index] if unit.positions else index]
        if (number, position) in kept
    }
    assert len(labels) == len(kept)
    return File(documents, labels, ask)


KEY = "document_key & 4294967295, position"


@slow
@each_file("encord", "real")
def test_counts_per_category_and_image(file: File) -> None:
    labels = file.labels
    # An id may be a text in one label and a number in another: what spells a number is one.
    by_category = Counter((number, _id(label, "category_id")) for (number, _), label in labels.items())
    by_image = Counter((number, _id(label, "image_id")) for (number, _), label in labels.items())
    question = (
        "select document_key & 4294967295, coalesce(ID_text, ID::varchar), count(*) from annotations "
        "where {own} group by all"
    )
    rows = file.ask(question.replace("ID", "category_id"))
    assert {(document, key): count for document, key, count in rows} == by_category
    rows = file.ask(question.replace("ID", "image_id"))
    assert {(document, key): count for document, key, count in rows} == by_image
    counted = [
        len(document.get(section) or [])
        for document in file.documents
        for section in ("images", "annotations")
    ]
    bad = file.ask("select count(*) from quarantine where {own} and section <> 'categories'")[0][0]
    [[held]] = file.ask(
        "select (select count(*) from images where {own}) + (select count(*) from annotations where {own})"
    )
    assert held + bad == sum(counted)


def _id(label: Record, key: str) -> str | None:
    value = label.get(key)
    return value if value is None or isinstance(value, str) else str(int(value))


@each_file("encord", "real")
def test_boxes_areas_and_size_classes(file: File) -> None:
    labels = file.labels
    seen = 0
    for number, position, x, y, w, h, area, size in file.ask(
        f"select {KEY}, bbox_x, bbox_y, bbox_w, bbox_h, area, size_class(bbox_w, bbox_h, area) "
        "from annotations where {own}",
    ):
        label = labels[number, position]
        box = [float(value) for value in label.get("bbox") or [None] * 4 if value is not None]
        assert [value for value in (x, y, w, h) if value is not None] == box
        assert area == (None if label.get("area") is None else float(label["area"]))
        seen += 1
        states = area is not None and area > 0
        if min(box[2:], default=0) < 0 or (not states and (not box or box[2:] == [0.0, 0.0])):
            assert size is None
            continue
        # The ranges of COCOeval's areaRng.
        pixels = area if states else box[2] * box[3]
        ranges = {"small": (0, 32**2), "medium": (32**2, 96**2), "large": (96**2, math.inf)}
        low, high = ranges[size]
        assert low <= pixels <= high
    assert seen == len(labels)


@each_file("encord", "real")
def test_overlaps_are_those_of_pycocotools(file: File) -> None:
    rows = file.ask(
        f"""
        with numbered as (
            select document_key & 4294967295 as document, image_id, position,
                bbox_x, bbox_y, bbox_w, bbox_h,
                row_number() over (partition by document_key, image_id order by position) as number,
                dense_rank() over (order by document_key, image_id) as image
            from annotations
            where {{own}} and bbox_w > 0 and bbox_h > 0
            qualify number <= {MATRIX} and image <= 40
        )
        select one.document, one.image_id, one.number - 1, other.number - 1,
            [one.bbox_x, one.bbox_y, one.bbox_w, one.bbox_h],
            bbox_iou(one.bbox_x, one.bbox_y, one.bbox_w, one.bbox_h,
                other.bbox_x, other.bbox_y, other.bbox_w, other.bbox_h)
        from numbered as one inner join numbered as other using (document, image_id)
        """,
    )
    boxes: dict[tuple[int, int], dict[int, list[float]]] = {}
    overlaps: dict[tuple[int, int], dict[tuple[int, int], float]] = {}
    for document, image, one, other, box, iou in rows:
        boxes.setdefault((document, image), {})[one] = box
        overlaps.setdefault((document, image), {})[one, other] = iou
    for key, numbered_boxes in boxes.items():
        array = np.array([numbered_boxes[index] for index in range(len(numbered_boxes))])
        expected = mask.iou(array, array, [0] * len(numbered_boxes))
        ours = np.array(
            [[overlaps[key][i, j] for j in range(len(numbered_boxes))] for i in range(len(numbered_boxes))]
        )
        assert np.abs(ours - expected).max() <= ROUNDING


@each_file("encord", "real")
def test_keypoints_are_counted_as_coco_counts_them(file: File) -> None:
    labels = file.labels
    stored = {
        (document, position): counts
        for document, position, *counts in file.ask(
            "select document_key & 4294967295, annotation_position, count(*), "
            "count(*) filter (where visibility > 0), keypoint_visibility_share(visibility) "
            "from keypoints where {own} group by all",
        )
    }
    expected = {}
    for key, label in labels.items():
        flat = label.get("keypoints")
        if not isinstance(flat, list) or not flat:
            continue
        if isinstance(flat[0], list):
            flat = [number for point in flat for number in (*point, None)[:3]]
        visible = [value for value in flat[2::3] if value is not None]
        labelled = sum(value > 0 for value in visible)
        share = sum(value == 2 for value in visible) / labelled if labelled else None
        expected[key] = [len(flat) // 3, labelled, share]
    assert stored == expected


@each_file("encord", "real")
def test_masks_decode_to_the_area_of_pycocotools(file: File) -> None:
    labels = file.labels
    rows = file.ask(
        f"select {KEY}, rle_area(rle_counts) from annotations where {{own}} and segmentation_kind = 'rle'",
    )
    for number, position, area in rows:
        rle = labels[number, position]["segmentation"]
        if isinstance(rle["counts"], list):
            rle = mask.frPyObjects(rle, *rle["size"])
        assert area == mask.area(rle)


@each_file("encord", "real")
def test_polygons_have_the_area_centroid_and_length_of_plain_python(file: File) -> None:
    labels = file.labels
    rows = file.ask(
        f"select {KEY}, polygons, polygon_area(polygons), polygon_centroid(polygons), "
        "polyline_length(polygons) "
        "from annotations where {own} and segmentation_kind = 'polygon'",
    )
    assert len(rows) <= len(labels)
    for number, position, polygons, area, centroid, length in rows:
        rings = labels[number, position]["segmentation"]
        rings = rings if isinstance(rings[0], list) else [rings]
        assert polygons == [[float(value) for value in one] for one in rings]
        pieces = [_ring(one) for one in polygons]
        expected = math.fsum(piece[0] for piece in pieces)
        assert area == pytest.approx(expected, rel=ROUNDING, abs=1e-6)
        assert length == pytest.approx(math.fsum(_length(one) for one in polygons), rel=ROUNDING)
        if expected > 1:
            for axis, value in (("x", 1), ("y", 2)):
                middle = math.fsum(piece[0] * piece[value] for piece in pieces) / expected
                assert centroid[axis] == pytest.approx(middle, rel=1e-6, abs=1e-6)


def _ring(ring: list[float]) -> tuple[float, float, float]:
    """Area and centroid of a ring, by triangles around its first point."""
    points = list(zip(ring[::2], ring[1::2], strict=False))
    (x0, y0), signed, xs, ys = points[0] if points else (0.0, 0.0), [], [], []
    for (x1, y1), (x2, y2) in pairwise(points[1:]):
        twice = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
        signed.append(twice / 2)
        xs.append(twice / 2 * (x0 + x1 + x2) / 3)
        ys.append(twice / 2 * (y0 + y1 + y2) / 3)
    total = math.fsum(signed)
    if total == 0:
        return 0.0, 0.0, 0.0
    return abs(total), math.fsum(xs) / total, math.fsum(ys) / total


def _length(line: list[float]) -> float:
    points = list(zip(line[::2], line[1::2], strict=False))
    whole = math.fsum(math.dist(one, other) for one, other in pairwise(points))
    return whole / 2 if len(points) > 1 and len(line) % 2 == 0 and points == points[::-1] else whole
