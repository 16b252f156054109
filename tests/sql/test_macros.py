"""Each macro gives the value that a person computes by hand, or plain Python for random shapes."""

import math
import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import duckdb
import pytest
from labelhouse import connect
from labelhouse.sql_library.statements import public_names
from labelhouse.warehouse.opening import open_warehouse


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    folder = tmp_path_factory.mktemp("macros") / "warehouse"
    with open_warehouse(folder):
        pass
    with connect(folder) as connection:
        yield connection


SQUARE = "[[0, 0, 4, 0, 4, 3, 0, 3]]::double[][]"
CASES: dict[str, dict[str, object]] = {
    "bbox_iou": {
        "bbox_iou(0, 0, 2, 1, 1, 0, 2, 1)": 1 / 3,
        "bbox_iou(0, 0, 2, 1, 2, 0, 2, 1)": 0.0,
        "bbox_iou(0, 0, 2, 1, 9, 9, 2, 1)": 0.0,
        "bbox_iou(0, 0, 0, 0, 0, 0, 0, 0)": None,
        "bbox_iou(0, 0, 2, 1, null, 0, 2, 1)": None,
    },
    "rotated_bbox_iou": {
        "rotated_bbox_iou(0, 0, 4, 2, 0, 0, 0, 4, 2, 0)": 1.0,
        "rotated_bbox_iou(0, 0, 4, 2, 90, 1, -1, 2, 4, null)": 1.0,
        "rotated_bbox_iou(0, 0, 4, 2, 33, 0, 0, 4, 2, 213)": 1.0,
        "rotated_bbox_iou(0, 0, 2, 2, 45, 0, 0, 2, 2, 0)": 1 / math.sqrt(2),
        "rotated_bbox_iou(0, 0, 2, 2, 45, 10, 0, 2, 2, 0)": 0.0,
        "rotated_bbox_iou(0, 0, 0, 0, 45, 0, 0, 0, 0, 45)": None,
    },
    "rotated_box_corners": {
        "list_transform(rotated_box_corners(0, 0, 4, 2, 90), lambda c: [round(c.x, 9), round(c.y, 9)])": [
            [3.0, -1.0],
            [3.0, 3.0],
            [1.0, 3.0],
            [1.0, -1.0],
        ],
    },
    "segment_category": {
        "segment_category('7')": "7",
        "segment_category('7.0')": "7",
        "segment_category('-12.00')": "-12",
        "segment_category('007')": "007",
        "segment_category('7.5')": "7.5",
        "segment_category('sky 2.0')": "sky 2.0",
        "segment_category(null)": None,
    },
    "ring_area": {
        "ring_area([0, 0, 4, 0, 4, 3, 0, 3]::double[])": 12.0,
        "ring_area([0, 3, 4, 3, 4, 0, 0, 0, 0, 3]::double[])": -12.0,
        "ring_area([1, 2]::double[])": 0.0,
        "ring_area([]::double[])": 0.0,
        "ring_area(null::double[])": None,
    },
    "polygon_bounds": {
        "polygon_bounds([[0, 1, 4, 0, 4, 3], [9, 0, -1, 2]]::double[][])": {
            "x1": -1.0,
            "y1": 0.0,
            "x2": 9.0,
            "y2": 3.0,
        },
        "polygon_bounds([]::double[][])": dict.fromkeys(("x1", "y1", "x2", "y2")),
        "polygon_bounds(null::double[][])": dict.fromkeys(("x1", "y1", "x2", "y2")),
    },
    "polygon_area": {
        f"polygon_area({SQUARE})": 12.0,
        "polygon_area([[0, 0, 4, 0, 4, 3, 0, 3], [9, 0, 9, 2, 11, 2]]::double[][])": 14.0,
        "polygon_area([]::double[][])": 0.0,
        "polygon_area(null::double[][])": None,
    },
    "polygon_centroid": {
        f"polygon_centroid({SQUARE})": {"x": 2.0, "y": 1.5},
        "polygon_centroid([[0, 0, 4, 0, 4, 2, 0, 2], [10, 0, 10, 2, 12, 2, 12, 0]]::double[][])": {
            "x": 5.0,
            "y": 1.0,
        },
        "polygon_centroid([[1, 1]]::double[][])": None,
        "polygon_centroid(null::double[][])": None,
    },
    "line_length": {
        "line_length([0, 0, 3, 4, 3, 8]::double[])": 9.0,
        "line_length([0, 0]::double[])": 0.0,
        "line_length(null::double[])": None,
    },
    "goes_back": {
        "goes_back([0, 0, 3, 4, 3, 8, 3, 8, 3, 4, 0, 0]::double[])": True,
        "goes_back([0, 0, 3, 4, 0, 0]::double[])": True,
        "goes_back([0, 0, 3, 4, 3, 8]::double[])": False,
    },
    "polyline_length": {
        "polyline_length([[0, 0, 3, 4, 3, 8, 3, 8, 3, 4, 0, 0]]::double[][])": 9.0,
        "polyline_length([[0, 0, 3, 4], [0, 0, 0, 1]]::double[][])": 6.0,
        "polyline_length([]::double[][])": 0.0,
        "polyline_length(null::double[][])": None,
    },
    "split_name": {
        "split_name('train/_annotations.coco.json')": "train",
        "split_name('instances_val2017.json')": "valid",
        "split_name('data/Test.json')": "test",
        "split_name('trainer/latest.json')": None,
        "split_name(null)": None,
    },
    "counted": {
        "counted(1, 'frame', 'frames')": "1 frame",
        "counted(0, 'frame', 'frames')": "0 frames",
        "counted(3::hugeint, 'box has', 'boxes have')": "3 boxes have",
        "counted(null, 'frame', 'frames')": " frames",
    },
    "size_class": {
        "size_class(31, 33)": "small",
        "size_class(32, 32)": "medium",
        "size_class(95, 97)": "medium",
        "size_class(96, 96)": "large",
        "size_class(0, 5)": "small",
        "size_class(0, 0)": None,
        "size_class(-1, 5)": None,
        "size_class(null, 5)": None,
        # The area that a label states comes first, as in pycocotools.
        "size_class(96, 96, 1023.9)": "small",
        "size_class(5, 5, 1024)": "medium",
        "size_class(5, 5, 9215.9)": "medium",
        "size_class(5, 5, 9216)": "large",
        "size_class(null, null, 5)": "small",
        "size_class(40, 40, 0)": "medium",
        "size_class(40, 40, -3)": "medium",
        "size_class(40, 40, null)": "medium",
        "size_class(40, 40, area := 9)": "small",
        "size_class(-1, 5, 9)": None,
    },
    "normalised_centre": {
        "normalised_centre(0, 10, 10, 10, 20, 40)": {"x": 0.25, "y": 0.375},
        "normalised_centre(0, 10, 10, 10, 0, 40)": None,
        "normalised_centre(0, 10, null, 10, 20, 40)": None,
    },
    "keypoint_visibility_share": {
        "(select keypoint_visibility_share(v) from (values (2.0), (1.0), (0.0), (2.0)) as t(v))": 2 / 3,
        "(select keypoint_visibility_share(v) from (values (0.0)) as t(v))": None,
        "(select keypoint_visibility_share(v) from (values (7.0), (0.9), (-1.0), (null)) as t(v))": 0.5,
    },
    "rle_integer": {"rle_integer('1')": 1, "rle_integer('O')": -1, "rle_integer('P1')": 32},
    "rle_area": {
        "rle_area('S66Z100000000000000000mZ2')": 60,
        "rle_area('[3, 5, 2, 7]')": 12,
        "rle_area('[]')": 0,
        "rle_area('')": 0,
        "rle_area('~')": None,
        "rle_area(null)": None,
    },
    "label_shape": {
        "label_shape('point', 'polygon', 1, null, 0.0)": "point",
        "label_shape('vehicle', 'polygon', null, 0.0, 1.0)": "polygon",
        "label_shape('vehicle', 'none', null, 12.5, 1.0)": "rotatable_bounding_box",
        "label_shape('person', 'polygon', 12, null, 1.0)": "skeleton",
        "label_shape(null, 'rle', 0, null, 1.0)": "bitmask",
        "label_shape(null, 'none', null, null, 1.0)": "bounding_box",
        "label_shape(null, 'none', null, null, null)": "none",
    },
    "record_kind": {
        "record_kind(null, null, 'none')": "label",
        """record_kind('{"caption":"a"}', null, 'none')""": "caption",
        """record_kind('{"caption":"a"}', 1.0, 'none')""": "label",
        """record_kind('{"caption":"a"}', null, 'polygon')""": "label",
        """record_kind('{"caption":null}', null, 'none')""": "label",
        """record_kind('{"a":{"caption":"a"}}', null, 'none')""": "label",
        """record_kind('{"segments_info":[]}', null, 'none')""": "panoptic",
        """record_kind('{"segments_info":{}}', null, 'none')""": "label",
    },
    "relation_targets": {
        "relation_targets('a/b+', 'string')": ["a/b+"],
        """relation_targets('["a", {"hash": "b"}]', 'json')""": ["a", "b"],
        """relation_targets('{"hash": "b"}', 'json')""": ["b"],
        "relation_targets(null, 'null')": [],
    },
    "label_row_time": {
        "label_row_time('Fri, 01 Dec 2023 11:03:24 GMT')": datetime(2023, 12, 1, 11, 3, 24, tzinfo=UTC),
        "label_row_time('Fri, 10 Feb 2023 11:10:48 UTC')": datetime(2023, 2, 10, 11, 10, 48, tzinfo=UTC),
        "label_row_time('2023-02-10 11:08:26')": datetime(2023, 2, 10, 11, 8, 26, tzinfo=UTC),
        "label_row_time('2024-07-18 16:00:20.5+02:00')": datetime(2024, 7, 18, 14, 0, 20, 500000, UTC),
        "label_row_time('yesterday')": None,
        "label_row_time(null)": None,
    },
    "reached_review": {
        "reached_review('Review 2', 'LABELLED', null)": True,
        "reached_review('Complete', null, null)": True,
        "reached_review('Annotate', 'REVIEW_IN_PROGRESS', null)": True,
        "reached_review(null, 'LABELLED', 'RETURNED')": True,
        "reached_review('Annotate', 'LABELLED', 'ASSIGNED')": False,
        "reached_review(null, null, null)": False,
    },
}
#: Steps of other macros, tried with them.
STEPS = {"ring_moment", "clipped_and_turned"}


def test_every_macro_has_cases() -> None:
    assert {name.partition("/")[2] for name in public_names("macros")} == set(CASES) | STEPS


@pytest.mark.parametrize("name", CASES)
def test_a_macro_gives_what_its_cases_say(name: str, connection: duckdb.DuckDBPyConnection) -> None:
    for call, expected in CASES[name].items():
        [[value]] = connection.execute(f"select {call}").fetchall()
        if isinstance(expected, float):
            assert value == pytest.approx(expected, abs=1e-12), call
        else:
            assert value == expected, call


def test_the_overlap_of_rotated_boxes_is_that_of_a_fine_raster(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    rng = random.Random(3)
    for _ in range(8):
        one = [
            rng.uniform(0, 4),
            rng.uniform(0, 4),
            rng.uniform(2, 6),
            rng.uniform(2, 6),
            rng.uniform(-180, 180),
        ]
        other = [value + rng.uniform(-1, 1) for value in one[:4]] + [rng.uniform(-180, 180)]
        [[overlap]] = connection.execute(
            f"select rotated_bbox_iou({', '.join(map(str, one + other))})"
        ).fetchall()
        assert overlap == pytest.approx(_raster_iou(one, other), abs=0.01)


def _raster_iou(one: Sequence[float], other: Sequence[float], steps: int = 250) -> float:
    shared = either = 0
    for i in range(steps):
        for j in range(steps):
            x, y = -6 + 22 * (i + 0.5) / steps, -6 + 22 * (j + 0.5) / steps
            inside = [_contains(box, x, y) for box in (one, other)]
            shared += all(inside)
            either += any(inside)
    return shared / either


def _contains(box: Sequence[float], x: float, y: float) -> bool:
    left, top, w, h, degrees = box
    angle = math.radians(degrees)
    dx, dy = x - left - w / 2, y - top - h / 2
    return (
        abs(dx * math.cos(angle) + dy * math.sin(angle)) <= w / 2
        and abs(dy * math.cos(angle) - dx * math.sin(angle)) <= h / 2
    )


def test_masks_of_random_runs_have_the_area_of_their_runs(connection: duckdb.DuckDBPyConnection) -> None:
    mask = pytest.importorskip("pycocotools.mask", reason="needs pycocotools, of the extra `dev`")
    rng = random.Random(5)
    for _ in range(30):
        runs = [rng.choice([0, 1, 7, 40, 3000, 70_000]) for _ in range(rng.randint(1, 40))]
        packed = mask.frPyObjects({"size": [sum(runs), 1], "counts": runs}, sum(runs), 1)["counts"].decode()
        row = connection.execute("select rle_area($1), rle_area($2)", [packed, str(runs)]).fetchone()
        assert row == (sum(runs[1::2]), sum(runs[1::2]))
