"""Evaluate predictions against labels: their boxes, masks and keypoints, each by its own overlap."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from importlib import import_module
from typing import Any

import numpy as np
import pyarrow as pa

from labelhouse.coco.rle import RUN_LENGTH_LIST
from labelhouse.lake.snapshot_connection import Connection
from labelhouse.querying.average_precision import (
    BATCH_ROWS,
    DETECTION,
    KEYPOINTS,
    AveragePrecision,
    Evaluation,
    Flags,
    Floats,
    ImageClass,
    average_precision,
)
from labelhouse.sql_library.statements import statement, statement_with

_MASK_ROWS = 1_000
_MASK_COLUMNS = ["polygons", "rle_counts", "height", "width"]
_JOINT_SIGMAS = (
    np.array(
        [
            *(0.26, 0.25, 0.25, 0.35, 0.35, 0.79, 0.79, 0.72, 0.72),
            *(0.62, 0.62, 1.07, 1.07, 0.87, 0.87, 0.89, 0.89),
        ]
    )
    / 10.0
)
"""COCO's spread of each of a person's 17 joints; it has none for other skeletons."""
Measure = Callable[[pa.Table], ImageClass]


def evaluations(
    connection: Connection, states: Mapping[str, object], note: Callable[[str], None]
) -> Iterator[AveragePrecision]:
    """Yield AP and AR for each kind of geometry that the predictions have.

    The connection has both sides' tables, and `states` their snapshots. `note` receives a line on what
    cannot be evaluated. Masks need pycocotools: its way to draw polygons decides the last digits.
    """
    of_other = {"other_snapshot": states["other_snapshot"]}
    row = connection.execute(statement("querying/evaluated_kinds"), of_other).fetchone()
    assert row is not None
    has_boxes, has_masks, has_joints, has_other_joints = row
    if has_boxes:
        yield _evaluated(connection, "bbox", DETECTION, "evaluated_boxes", _boxes, {})
    if has_masks:
        try:
            mask = import_module("pycocotools.mask")
        except ModuleNotFoundError:
            note("AP of masks needs pycocotools: pip install 'labelhouse[masks]'")
        else:
            measure = partial(_masks, mask)
            yield _evaluated(connection, "segm", DETECTION, "evaluated_masks", measure, states)
    if has_joints:
        yield _evaluated(connection, "keypoints", KEYPOINTS, "evaluated_keypoints", _keypoints, states)
    if has_other_joints:
        note("AP of keypoints is for the 17 joints of COCO's persons; other skeletons are left out")


def _evaluated(
    connection: Connection,
    kind: str,
    evaluation: Evaluation,
    name: str,
    measure: Measure,
    states: Mapping[str, object],
) -> AveragePrecision:
    rows = _MASK_ROWS if kind == "segm" else BATCH_ROWS
    sql = statement_with("querying/evaluated_labels", geometry=statement(f"querying/{name}"))
    result = connection.execute(sql, {"most": evaluation.most, **states})
    return average_precision(kind, evaluation, result.to_arrow_reader(rows), measure)


def _boxes(rows: pa.Table) -> ImageClass:
    count = _label_count(rows)
    box = [rows[name].to_numpy() for name in "xywh"]
    is_crowd = _flags(rows, "is_crowd")[:count]
    overlaps = _box_overlaps([n[count:] for n in box], [n[:count] for n in box], is_crowd)
    return _measured(rows, overlaps, rows["area"].to_numpy()[count:])


def _box_overlaps(of: Sequence[Floats], labels: Sequence[Floats], is_crowd: Flags) -> Floats:
    """Return the overlap of each prediction with each label; with a crowd, the share of the prediction."""
    x, y, w, h = (values[:, None] for values in of)
    label_x, label_y, label_w, label_h = (values[None, :] for values in labels)
    width = np.minimum(w + x, label_w + label_x) - np.maximum(x, label_x)
    height = np.minimum(h + y, label_h + label_y) - np.maximum(y, label_y)
    shared = np.where((width > 0) & (height > 0), width * height, 0.0)
    own = w * h
    whole = np.where(is_crowd[None, :], own, own + label_w * label_h - shared)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(shared > 0, shared / whole, 0.0)


def _masks(mask: Any, rows: pa.Table) -> ImageClass:
    count = _label_count(rows)
    drawn = [_mask(mask, row) for row in rows.select(_MASK_COLUMNS).to_pylist()]
    areas = rows["area"].to_numpy()[count:].astype(np.float64)
    overlaps = np.zeros((len(drawn) - count, count))
    if len(areas):
        areas = np.where(np.isnan(areas), mask.area(drawn[count:]), areas)
    if overlaps.size:
        crowd = _flags(rows, "is_crowd")[:count].astype(np.uint8).tolist()
        overlaps = np.asarray(mask.iou(drawn[count:], drawn[:count], crowd))
    return _measured(rows, overlaps, areas)


def _mask(mask: Any, row: Mapping[str, Any]) -> Any:
    size = [row["height"], row["width"]]
    if row["rle_counts"] is None:
        return mask.merge(mask.frPyObjects(row["polygons"], *size))
    if RUN_LENGTH_LIST.fullmatch(row["rle_counts"]):
        runs = json.loads(row["rle_counts"])
        return mask.frPyObjects({"size": size, "counts": runs}, *size)
    return {"size": size, "counts": row["rle_counts"].encode()}


def _keypoints(rows: pa.Table) -> ImageClass:
    count = _label_count(rows)
    joints = {
        name: np.array(rows[name].to_pylist(), dtype=np.float64) for name in ("xs", "ys", "visibilities")
    }
    xs, ys = joints["xs"][count:], joints["ys"][count:]
    overlaps = np.zeros((rows.num_rows - count, count))
    for label, row in enumerate(rows.slice(0, count).select(["x", "y", "w", "h", "area"]).to_pylist()):
        is_seen = joints["visibilities"][label] > 0
        if is_seen.any():
            dx, dy = xs - joints["xs"][label], ys - joints["ys"][label]
        else:
            # No joint is labelled: the distance to the box at three times its size.
            dx = _beyond(xs, row["x"] - row["w"], row["x"] + row["w"] * 2)
            dy = _beyond(ys, row["y"] - row["h"], row["y"] + row["h"] * 2)
        distances = (dx**2 + dy**2) / (_JOINT_SIGMAS * 2) ** 2 / (row["area"] + np.spacing(1)) / 2
        if is_seen.any():
            distances = distances[:, is_seen]
        for prediction, values in enumerate(distances):
            overlaps[prediction, label] = np.sum(np.exp(-values)) / values.size
    areas = rows["area"].to_numpy()[count:].astype(np.float64)
    if len(areas):
        own = (xs.max(axis=1) - xs.min(axis=1)) * (ys.max(axis=1) - ys.min(axis=1))
        areas = np.where(np.isnan(areas), own, areas)
    return _measured(rows, overlaps, areas)


def _beyond(values: Floats, low: float, high: float) -> Floats:
    return np.maximum(0, low - values) + np.maximum(0, values - high)


def _measured(rows: pa.Table, overlaps: Floats, areas: Floats) -> ImageClass:
    count = _label_count(rows)
    return ImageClass(
        overlaps=overlaps,
        areas=rows["area"].to_numpy()[:count].astype(np.float64),
        is_ignored=_flags(rows, "is_ignored")[:count],
        is_crowd=_flags(rows, "is_crowd")[:count],
        has_no_number=_flags(rows, "has_no_number")[:count],
        prediction_areas=areas,
        scores=rows["score"].to_numpy()[count:].astype(np.float64),
    )


def _label_count(rows: pa.Table) -> int:
    """Return how many rows are labels; they come before predictions."""
    return int(np.count_nonzero(rows["is_reference"].to_numpy()))


def _flags(rows: pa.Table, name: str) -> Flags:
    flags: Flags = rows[name].to_numpy().astype(bool)
    return flags
