"""Turn blocks of annotations into rows of annotations, keypoints and attributes."""

import numpy as np
import pyarrow as pa

from labelhouse.coco.values import MISSING, Json, Missing
from labelhouse.hashing.row_hashes import mixed, row_hashes, value_hashes
from labelhouse.hashing.row_hashes import named as named_hashes
from labelhouse.normalise.answers import NormalisedAnswers, answers_of
from labelhouse.normalise.batches import Normalised, extra_column, extra_without, good_rows, record_issues
from labelhouse.normalise.blanks import blanks_column
from labelhouse.normalise.problems import Problems
from labelhouse.normalise.scalars import booleans, doubles, flags, integers, listed, texts
from labelhouse.normalise.shapes import boxes, keypoint_lists, segmentations
from labelhouse.readers.events import Block
from labelhouse.reason_codes import Code
from labelhouse.schema.arrow_types import BIGINT
from labelhouse.schema.warehouse_tables import ANNOTATIONS, ATTRIBUTES, KEYPOINTS

_ID_KEYS = frozenset({"id", "image_id", "category_id", "track_id", "encord_track_uuid"})
"""Keys of `extra` that name a label, and do not describe what it labels."""
_CONTENT = (
    *("bbox_x", "bbox_y", "bbox_w", "bbox_h", "area", "iscrowd", "polygons"),
    *("rle_height", "rle_width", "rle_counts", "num_keypoints", "rotation", "manual_annotation"),
    *("score", "extra"),
)
"""Columns that say what a label is, besides its keypoints and attributes."""


def annotation_batches(
    block: Block, document_keys: pa.Array, *, max_attributes: int = 100_000
) -> Normalised:
    """Convert one block; `document_keys` has the document of each record.

    Children of a record in quarantine are left out with it.
    """
    problems = Problems()
    columns = block.columns
    answers = answers_of(columns["attributes"], problems, max_attributes)
    positions = pa.array(np.fromiter(block.positions, np.int64, len(block.positions)))
    ids = integers(columns["id"], "id", problems)
    category_ids = integers(columns["category_id"], "category_id", problems)
    _add_missing(ids, "id", problems)
    _add_missing(category_ids, "category_id", problems)
    image_ids = integers(columns["image_id"], "image_id", problems, required=True)
    segmentation = segmentations(columns["segmentation"], problems)
    keypoints = keypoint_lists(columns["keypoints"], problems)
    arrays = [
        document_keys,
        positions,
        ids,
        image_ids,
        category_ids,
        *boxes(columns["bbox"], problems),
        doubles(columns["area"], "area", problems),
        flags(columns["iscrowd"], "iscrowd", problems),
        segmentation.kind,
        segmentation.polygons,
        segmentation.rle_height,
        segmentation.rle_width,
        segmentation.rle_counts,
        integers(columns["num_keypoints"], "num_keypoints", problems),
        integers(_track_ids(block, answers, problems), "track_id", problems),
        texts(answers.own["encord_track_uuid"], "encord_track_uuid", problems),
        doubles(answers.own["rotation"], "rotation", problems),
        booleans(answers.own["manual_annotation"], "manual_annotation", problems),
        doubles(columns["score"], "score", problems),
    ]
    arrays.append(extra_column(block, problems))
    arrays.append(blanks_column(block, keypoints))
    named = dict(zip(ANNOTATIONS.arrow.names, arrays, strict=False))
    named["extra"] = extra_without(_ID_KEYS, named["extra"], block, problems)
    hashes = row_hashes({name: named[name] for name in _CONTENT}, len(positions))
    hashes += named_hashes("keypoints", value_hashes(keypoints)) + answers.hashes()
    arrays.append(pa.array(mixed(hashes).view(np.int64)))
    good = good_rows(block, problems)
    rows = pa.record_batch(arrays, schema=ANNOTATIONS.arrow)
    if problems.bad:
        rows, keypoints = rows.filter(good), keypoints.filter(good)
    quarantine, issues = record_issues(block, problems)
    return Normalised(
        {
            ANNOTATIONS: rows,
            KEYPOINTS: _keypoint_rows(rows, keypoints),
            ATTRIBUTES: answers.batch(document_keys, positions, ids, good),
        },
        quarantine,
        issues,
    )


def _add_missing(column: pa.Array, key: str, problems: Problems) -> None:
    if column.null_count:
        for row in np.flatnonzero(column.is_null().to_numpy(zero_copy_only=False)).tolist():
            if row not in problems.bad:
                problems.add_issue(row, key, Code.MISSING_FIELD, "missing")


def _track_ids(block: Block, answers: NormalisedAnswers, problems: Problems) -> list[Json | Missing]:
    """Return attributes.track_id, else the annotation's own track_id, which stays in `extra` too."""
    found = list(answers.own["track_id"])
    for row, value in enumerate(listed(block.columns["track_id"])):
        if value is not MISSING:
            problems.keep_in_extra(row, "track_id", value)
            own = problems.kept[row].get("attributes", {})
            is_kept = isinstance(own, dict) and "track_id" in own
            if found[row] is not MISSING and found[row] is not None and not is_kept:
                # Otherwise a later reader could not see whether there was one.
                problems.keep_attribute_in_extra(row, "track_id", found[row])  # type: ignore[arg-type]
            if found[row] is MISSING or found[row] is None:
                found[row] = value
    return found


def _keypoint_rows(rows: pa.RecordBatch, keypoints: pa.Array) -> pa.RecordBatch:
    """Explode the flat x, y, visibility lists of labels into one row a keypoint."""
    lengths = keypoints.value_lengths().fill_null(0).to_numpy(zero_copy_only=False) // 3
    labels = pa.array(np.repeat(np.arange(len(keypoints)), lengths))
    first = np.repeat(np.cumsum(lengths) - lengths, lengths)
    numbers = keypoints.flatten()
    count = len(labels)
    every_third = np.arange(count) * 3
    return pa.record_batch(
        [
            *(rows[name].take(labels) for name in ("document_key", "position", "annotation_id")),
            pa.array(np.arange(count) - first, BIGINT),
            numbers.take(pa.array(every_third)),
            numbers.take(pa.array(every_third + 1)),
            numbers.take(pa.array(every_third + 2)),
        ],
        schema=KEYPOINTS.arrow,
    )
