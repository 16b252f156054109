"""Labels as JSON objects: the annotation, its keypoints and its answers in one."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import pyarrow as pa

from labelhouse.coco.rle import RUN_LENGTH_LIST
from labelhouse.coco.sections import RECORD_KEYS, Section
from labelhouse.exporting.answers import Answer, answer_objects
from labelhouse.exporting.columns import Parts, blanks_of, parts_of, ring_lists_of, values_of
from labelhouse.exporting.merge import in_order, with_blanks, with_extra

_KEYS = RECORD_KEYS[Section.ANNOTATIONS]
_COLUMNS = (
    *("annotation_id", "image_id", "category_id", "bbox_x", "bbox_y", "bbox_w", "bbox_h", "area"),
    *("iscrowd", "segmentation_kind", "rle_height", "rle_width", "rle_counts", "num_keypoints"),
    *("track_id", "encord_track_uuid", "rotation", "manual_annotation", "score", "blanks", "extra"),
)


def annotation_objects(
    rows: pa.RecordBatch,
    keypoints: Sequence[list[float | None] | None],
    answers: Sequence[Sequence[Answer] | None],
    *,
    plain: bool = False,
) -> Iterator[dict[str, Any]]:
    """Yield labels as their sources had them; `keypoints` and `answers` have one entry per row.

    `plain` leaves out blanks, and values of `extra` that a column has in another form.
    """
    columns = (values_of(rows[name]) for name in _COLUMNS)
    polygons = ring_lists_of(rows["polygons"])
    for (
        annotation_id,
        image_id,
        category_id,
        x,
        y,
        width,
        height,
        area,
        iscrowd,
        kind,
        rle_height,
        rle_width,
        rle_counts,
        num_keypoints,
        track_id,
        uuid,
        rotation,
        manual,
        score,
        blanks,
        extra,
        rings,
        points,
        given,
    ) in zip(*columns, polygons, keypoints, answers, strict=True):
        label: dict[str, Any] = {}
        if annotation_id is not None:
            label["id"] = annotation_id
        label["image_id"] = image_id
        if category_id is not None:
            label["category_id"] = category_id
        if x is not None:
            label["bbox"] = [x, y, width, height]
        if area is not None:
            label["area"] = area
        if iscrowd is not None:
            label["iscrowd"] = iscrowd
        if rings is not None:
            label["segmentation"] = rings
        elif kind == "rle":
            is_list = rle_counts[:1] == "[" and RUN_LENGTH_LIST.fullmatch(rle_counts)
            counts = msgspec.Raw(rle_counts.encode()) if is_list else rle_counts
            label["segmentation"] = {"size": [rle_height, rle_width], "counts": counts}
        if points is not None:
            label["keypoints"] = points
        if num_keypoints is not None:
            label["num_keypoints"] = num_keypoints
        if score is not None:
            label["score"] = score
        parts = None if extra is None else parts_of(extra)
        inner = None if parts is None else _attribute_parts(parts)
        attributes = {} if given is None else answer_objects(given, inner)
        if track_id is not None and not (parts and _is_of_label(track_id, parts, inner)):
            attributes["track_id"] = track_id
        if uuid is not None:
            attributes["encord_track_uuid"] = uuid
        if rotation is not None:
            attributes["rotation"] = rotation
        if manual is not None:
            attributes["manual_annotation"] = manual
        if inner is not None:
            with_extra(attributes, inner, plain=plain)
        if attributes:
            label["attributes"] = attributes
        if blanks is not None and not plain:
            with_blanks(label, blanks_of(blanks))
        if parts is not None:
            _with_extra(label, parts, plain=plain)
        yield label if blanks is None and parts is None else in_order(label, _KEYS)


def _attribute_parts(parts: Parts) -> Parts | None:
    """Remove the parts of the object `attributes` from those of `extra` and return them, if it is one."""
    text = parts.get("attributes")
    if text is None or bytes(text)[:1] != b"{":
        return None
    del parts["attributes"]
    return parts_of(text)


def _is_of_label(track_id: int, parts: Parts, inner: Parts | None) -> bool:
    """Return whether the column has the label's own track_id, which stays in `extra`.

    If the label's attributes have a track_id too, it stays in `extra` as well, below attributes.
    """
    text = parts.get("track_id")
    if text is None or (inner is not None and "track_id" in inner):
        return False
    try:
        return float(bytes(text).strip(b'"')) == track_id
    except ValueError:
        return False


def _with_extra(label: dict[str, Any], parts: Parts, *, plain: bool) -> None:
    mask = parts.get("segmentation")
    if mask is not None and bytes(mask)[:1] == b"{":
        # Keys of a mask beside size and counts, or the whole mask.
        del parts["segmentation"]
        label["segmentation"] = {**label.get("segmentation", {}), **parts_of(mask)}
    with_extra(label, parts, plain=plain)
