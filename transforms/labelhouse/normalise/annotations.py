"""Turn blocks of annotations into rows of annotations, keypoints and attributes."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from labelhouse.coco.sections import ANGLE_KEYS, VIDEO_KEYS
from labelhouse.coco.values import MISSING, Json, Missing
from labelhouse.hashing.row_hashes import mixed, row_hashes, value_hashes
from labelhouse.hashing.row_hashes import named as named_hashes
from labelhouse.normalise.answers import NormalisedAnswers, answers_of, is_track_id
from labelhouse.normalise.batches import Normalised, extra_column, extra_without, good_rows, record_issues
from labelhouse.normalise.blanks import blanks_column
from labelhouse.normalise.numbers import is_number
from labelhouse.normalise.problems import Problems
from labelhouse.normalise.scalars import (
    EXACT_INTEGERS,
    INTEGER_TEXT,
    booleans,
    doubles,
    flags,
    ids,
    integers,
    kind_of,
    listed,
    texts,
)
from labelhouse.normalise.shapes import Boxes, Segmentations, boxes, keypoint_lists, segmentations
from labelhouse.readers.events import Block
from labelhouse.reason_codes import ReasonCode
from labelhouse.schema.arrow_types import BIGINT
from labelhouse.schema.label_row_tables import LABEL_COLUMNS
from labelhouse.schema.warehouse_tables import ANNOTATIONS, ATTRIBUTES, KEYPOINTS

_ID_KEYS = frozenset({"id", "image_id", "category_id", "track_id", "encord_track_uuid"})
"""Keys of `extra` that name a label, and do not describe what it labels."""
CONTENT = (
    *("bbox_x", "bbox_y", "bbox_w", "bbox_h", "area", "iscrowd", "polygons"),
    *("rle_height", "rle_width", "rle_counts", "num_keypoints", "rotation", "manual_annotation"),
    *("score", "extra"),
    *("created_at", "created_by", "last_edited_at", "last_edited_by", "confidence", "feature_hash"),
    *("space", "object_number", "geometry", "polygon_rings"),
)
"""Columns that say what a label is, besides its keypoints and attributes."""
POINT_KEYS = ("keypoint_names", "keypoint_hashes")
"""What a reader of label rows says of each keypoint, beside the columns of annotations."""


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
    annotation_ids, annotation_id_texts = ids(columns["id"], "id", problems)
    category_ids, category_id_texts = ids(columns["category_id"], "category_id", problems)
    _refuse_video_objects(block, problems)
    # A label of a label row may be on audio or text, which has no image.
    image_ids, image_id_texts = ids(columns["image_id"], "image_id", problems, required=not block.more)
    track_ids, track_id_texts = ids(_track_ids(block, answers, problems), "track_id", problems)
    uuids = answers.own["encord_track_uuid"]
    box = boxes(columns["bbox"], problems, lambda row: isinstance(uuids[row], str))
    rotations = _rotations(block, box, answers, problems)
    segmentation = segmentations(columns["segmentation"], problems)
    _add_missing_ids(block, annotation_ids, category_ids, box, segmentation, problems)
    num_keypoints = integers(columns["num_keypoints"], "num_keypoints", problems)
    keypoints = keypoint_lists(columns["keypoints"], num_keypoints, problems)
    arrays = [
        document_keys,
        positions,
        annotation_ids,
        image_ids,
        category_ids,
        *box.parts,
        doubles(columns["area"], "area", problems),
        flags(columns["iscrowd"], "iscrowd", problems),
        segmentation.kind,
        segmentation.polygons,
        segmentation.rle_height,
        segmentation.rle_width,
        segmentation.rle_counts,
        num_keypoints,
        track_ids,
        texts(uuids, "encord_track_uuid", problems),
        doubles(rotations, "rotation", problems),
        booleans(answers.own["manual_annotation"], "manual_annotation", problems),
        doubles(columns["score"], "score", problems),
    ]
    arrays.append(extra_column(block, problems))
    arrays.append(blanks_column(block, keypoints))
    named = dict(zip(ANNOTATIONS.arrow.names, arrays, strict=False))
    named["extra"] = extra_without(_ID_KEYS, named["extra"], block, problems)
    named |= {column.name: block.more[column.name] for column in LABEL_COLUMNS if block.more}
    hashes = row_hashes({name: named[name] for name in CONTENT if name in named}, len(positions))
    hashes += named_hashes("keypoints", value_hashes(keypoints)) + answers.hashes()
    arrays.append(pa.array(mixed(hashes).view(np.int64)))
    arrays += [annotation_id_texts, image_id_texts, category_id_texts, track_id_texts]
    good = good_rows(block, problems)
    arrays += [named[column.name] for column in LABEL_COLUMNS if block.more]
    schema = ANNOTATIONS.arrow if block.more else ANNOTATIONS.narrow_arrow
    rows = pa.record_batch(arrays, schema=schema)
    points = [block.more[key] for key in POINT_KEYS if block.more]
    if problems.bad:
        rows, keypoints = rows.filter(good), keypoints.filter(good)
        points = [column.filter(good) for column in points]
    quarantine, issues = record_issues(block, problems)
    return Normalised(
        {
            ANNOTATIONS: rows,
            KEYPOINTS: _keypoint_rows(rows, keypoints, points),
            ATTRIBUTES: answers.batch(document_keys, positions, annotation_ids, good),
        },
        quarantine,
        issues,
    )


def _add_missing_ids(
    block: Block,
    annotation_ids: pa.Array,
    category_ids: pa.Array,
    box: Boxes,
    segmentation: Segmentations,
    problems: Problems,
) -> None:
    """Add an issue for each label without id or category_id; captions and panoptic labels have none.

    The macro `record_kind` distinguishes these records by the same rule.
    """
    if not (annotation_ids.null_count or category_ids.null_count):
        return
    has_shape = pc.or_(box.parts[2].is_valid(), pc.not_equal(segmentation.kind, "none")).to_pylist()

    def kind_of_record(row: int) -> str:
        extra = block.extra[row]
        return "label" if extra is None or has_shape[row] else _kind_of_record(extra)

    for key, column, kinds in (
        ("id", annotation_ids, {"label", "caption"}),
        ("category_id", category_ids, {"label"}),
    ):
        for row in np.flatnonzero(column.is_null().to_numpy(zero_copy_only=False)).tolist():
            if row not in problems.bad and kind_of_record(row) in kinds:
                problems.add_issue(row, key, ReasonCode.MISSING_FIELD, "missing")


def _kind_of_record(extra: Mapping[str, Json]) -> str:
    if isinstance(extra.get("segments_info"), list):
        return "panoptic"
    return "caption" if isinstance(extra.get("caption"), str) else "label"


def _refuse_video_objects(block: Block, problems: Problems) -> None:
    """Quarantine records of YouTube-VIS: one record an object of a video, without an image."""
    if any(block.extra):
        for row, extra in enumerate(block.extra):
            if extra is not None and "video_id" in extra and not VIDEO_KEYS.isdisjoint(extra):
                image_id = listed(block.columns["image_id"])[row]
                if _is_blank(image_id):
                    message = "a YouTube-VIS object, whose boxes and masks are listed by frame"
                    problems.quarantine(row, "video_id", ReasonCode.YOUTUBE_VIS, message)


def _rotations(
    block: Block, box: Boxes, answers: NormalisedAnswers, problems: Problems
) -> list[Json | Missing]:
    """Return attributes.rotation, else the angle that a label has elsewhere, where it stays."""
    rotations = answers.own["rotation"]
    angles = dict(answers.angles)
    if any(block.extra):
        for row, extra in enumerate(block.extra):
            if extra is not None and not extra.keys().isdisjoint(ANGLE_KEYS):
                angles[row] = next(extra[key] for key in ANGLE_KEYS if key in extra)
    angles |= box.angles
    if not angles:
        return rotations
    rotations = list(rotations)
    for row, angle in angles.items():
        own = rotations[row]
        if _is_blank(own):
            rotations[row] = angle if is_number(angle) else own
        elif "rotation" not in problems.kept_attributes(row):
            # Otherwise a later reader could not see whether there was one. Readers decode it as an integer
            # or as a float.
            problems.keep_attribute_in_extra(row, "rotation", float(own))  # type: ignore[arg-type]
    return rotations


def _track_ids(block: Block, answers: NormalisedAnswers, problems: Problems) -> list[Json | Missing]:
    """Return attributes.track_id, else the annotation's own track_id, else its instance_id.

    The last two stay in `extra`, or among the answers. There, an attributes.track_id beside them is kept as
    well: without it, an export could not know which of the keys the column has.
    """
    track_ids = list(answers.own["track_id"])
    for row, value in enumerate(listed(block.columns["track_id"])):
        if value is not MISSING:
            problems.keep_in_extra(row, "track_id", value)
            _keep_track_id(track_ids[row], row, problems)
            # Tools write an empty text for labels without a track.
            is_empty = isinstance(value, str) and not value.strip()
            if value is not None and not is_empty and not _names_track(value):
                message = f"{kind_of(value)} names no track; kept in extra"
                problems.add_issue(row, "track_id", ReasonCode.WRONG_TYPE, message)
            elif _is_blank(track_ids[row]) and not is_empty:
                track_ids[row] = value
    for row, value in _instance_ids(block, answers):
        _keep_track_id(answers.own["track_id"][row], row, problems)
        if _is_blank(track_ids[row]):
            track_ids[row] = value
    return track_ids


def _names_track(value: Json) -> bool:
    """Return whether a top-level track_id can be stored, or is a number that `ids` refuses for its size."""
    if isinstance(value, float):
        return value.is_integer() and abs(value) <= EXACT_INTEGERS
    return isinstance(value, str) or type(value) is int


def _instance_ids(block: Block, answers: NormalisedAnswers) -> Iterator[tuple[int, Json]]:
    """Yield the rows whose instance_id names a track: the annotation's own, then those of attributes."""
    own = (
        (row, extra["instance_id"])
        for row, extra in enumerate(block.extra)
        if extra is not None and "instance_id" in extra
    )
    for row, value in chain(own, answers.instance_ids.items()):
        if is_track_id(value):
            yield row, value
        elif isinstance(value, str) and INTEGER_TEXT.fullmatch(value):
            yield row, int(value)


def _keep_track_id(value: Json | Missing, row: int, problems: Problems) -> None:
    """Keep attributes.track_id in `extra`, unless it is there already."""
    if value is None or value is MISSING:
        return
    if "track_id" not in problems.kept_attributes(row):
        problems.keep_attribute_in_extra(row, "track_id", value)


def _is_blank(value: Json | Missing) -> bool:
    return value is None or value is MISSING


def _keypoint_rows(rows: pa.RecordBatch, keypoints: pa.Array, points: Sequence[pa.Array]) -> pa.RecordBatch:
    """Explode the flat x, y, visibility lists of labels into one row a keypoint.

    `points` are the names and hashes of the keypoints of each label, if they are known.
    """
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
            *(column.flatten() for column in points),
        ],
        schema=KEYPOINTS.arrow if points else KEYPOINTS.narrow_arrow,
    )
