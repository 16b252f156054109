"""Labels as JSON objects: the annotation, its keypoints and its answers in one."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import starmap
from typing import Any

import msgspec
import pyarrow as pa

from labelhouse.coco.rle import RUN_LENGTH_LIST
from labelhouse.coco.sections import ANGLE_KEYS, RECORD_KEYS, Section
from labelhouse.exporting.answers import Answer, answer_objects
from labelhouse.exporting.columns import Parts, blanks_of, parts_of, ring_lists_of, values_of
from labelhouse.exporting.merge import in_order, with_blanks, with_extra

_KEYS = RECORD_KEYS[Section.ANNOTATIONS]


class _Row(msgspec.Struct, gc=False):
    """A label's values: its columns in EXPORTED, then its polygons, its keypoints and its answers."""

    annotation_id: int | None
    image_id: int
    category_id: int | None
    bbox_x: float | None
    bbox_y: float | None
    bbox_w: float | None
    bbox_h: float | None
    area: float | None
    iscrowd: bool | None
    segmentation_kind: str | None
    rle_height: int | None
    rle_width: int | None
    rle_counts: Any
    num_keypoints: int | None
    track_id: int | None
    encord_track_uuid: str | None
    rotation: float | None
    manual_annotation: bool | None
    score: float | None
    blanks: Any
    extra: Any
    annotation_id_text: str | None
    image_id_text: str | None
    category_id_text: str | None
    track_id_text: str | None
    polygons: Any
    keypoints: list[float | None] | None
    answers: Sequence[Answer] | None


EXPORTED = _Row.__struct_fields__[: _Row.__struct_fields__.index("polygons")]


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
    columns = (values_of(rows[name]) for name in EXPORTED)
    polygons = ring_lists_of(rows["polygons"])
    for row in starmap(_Row, zip(*columns, polygons, keypoints, answers, strict=True)):
        label: dict[str, Any] = {}
        if row.annotation_id is not None:
            label["id"] = row.annotation_id if row.annotation_id_text is None else row.annotation_id_text
        label["image_id"] = row.image_id if row.image_id_text is None else row.image_id_text
        if row.category_id is not None:
            label["category_id"] = row.category_id if row.category_id_text is None else row.category_id_text
        if row.bbox_x is not None:
            label["bbox"] = [row.bbox_x, row.bbox_y, row.bbox_w, row.bbox_h]
        if row.area is not None:
            label["area"] = row.area
        if row.iscrowd is not None:
            label["iscrowd"] = row.iscrowd
        if row.polygons is not None:
            label["segmentation"] = row.polygons
        elif row.segmentation_kind == "rle":
            is_list = row.rle_counts[:1] == "[" and RUN_LENGTH_LIST.fullmatch(row.rle_counts)
            counts = msgspec.Raw(row.rle_counts.encode()) if is_list else row.rle_counts
            label["segmentation"] = {"size": [row.rle_height, row.rle_width], "counts": counts}
        if row.keypoints is not None:
            label["keypoints"] = row.keypoints
        if row.num_keypoints is not None:
            label["num_keypoints"] = row.num_keypoints
        if row.score is not None:
            label["score"] = row.score
        parts = None if row.extra is None else parts_of(row.extra)
        inner = None if parts is None else _attribute_parts(parts)
        attributes = {} if row.answers is None else answer_objects(row.answers, inner)
        if row.track_id is not None:
            exported = row.track_id if row.track_id_text is None else row.track_id_text
            if not _is_elsewhere(exported, parts, inner, attributes):
                attributes["track_id"] = exported
        if row.encord_track_uuid is not None:
            attributes["encord_track_uuid"] = row.encord_track_uuid
        if row.rotation is not None and (
            plain or not _is_of_other_key(row.rotation, parts, inner, attributes)
        ):
            attributes["rotation"] = row.rotation
        if row.manual_annotation is not None:
            attributes["manual_annotation"] = row.manual_annotation
        if inner is not None:
            with_extra(attributes, inner, plain=plain)
        if attributes:
            label["attributes"] = attributes
        if row.blanks is not None and not plain:
            with_blanks(label, blanks_of(row.blanks))
        if parts is not None:
            _with_extra(label, parts, plain=plain)
        yield label if row.blanks is None and parts is None else in_order(label, _KEYS)


def _attribute_parts(parts: Parts) -> Parts | None:
    """Remove the parts of the object `attributes` from those of `extra` and return them, if it is one."""
    text = parts.get("attributes")
    if text is None or bytes(text)[:1] != b"{":
        return None
    del parts["attributes"]
    return parts_of(text)


def _is_elsewhere(
    track_id: int | str, parts: Parts | None, inner: Parts | None, attributes: Mapping[str, Any]
) -> bool:
    """Return whether the column has the label's own track_id, or an instance_id, which come back anyway.

    Then a track_id among the label's attributes stays in `extra`, below attributes.
    """
    if inner is not None and "track_id" in inner:
        return False
    own, instance = (None, None) if parts is None else (parts.get("track_id"), parts.get("instance_id"))
    return (
        _spells(own, track_id)
        or _spells(instance, track_id, of_instance=True)
        or _spells(attributes.get("instance_id"), track_id, of_instance=True)
    )


def _spells(value: Any, track_id: int | str, *, of_instance: bool = False) -> bool:
    """Return whether a value, or the value of a JSON text, is a track_id or spells it.

    A fraction of zero spells a track_id, but no instance_id.
    """
    if isinstance(value, msgspec.Raw):
        value = msgspec.json.decode(value)
    if value is None or isinstance(value, bool):
        return False
    if isinstance(value, str):
        return value in (track_id, str(track_id)) or (value == "-0" and track_id == 0)
    return isinstance(value, int if of_instance else int | float) and value == track_id


def _is_of_other_key(
    rotation: float, parts: Parts | None, inner: Parts | None, attributes: dict[str, Any]
) -> bool:
    """Return whether the column has its rotation from a key other than attributes.rotation.

    If the label's attributes have a rotation beside the other key, it stays in `extra`, below attributes.
    """
    if inner is not None and "rotation" in inner:
        return False
    texts = [attributes["angle"]] if "angle" in attributes else []
    if parts is not None:
        texts += [parts[key] for key in ANGLE_KEYS if key in parts]
        if "bbox" in parts and len(numbers := msgspec.json.decode(parts["bbox"])) == 5:
            texts.append(numbers[4])
    return any(_number(text) == rotation for text in texts)


def _number(value: Any) -> float | None:
    """Return the number that a text of JSON, or a decoded value, is; None for other values."""
    try:
        return float(bytes(value).strip(b'"') if isinstance(value, msgspec.Raw) else value)
    except (TypeError, ValueError):
        return None


def _with_extra(label: dict[str, Any], parts: Parts, *, plain: bool) -> None:
    mask = parts.get("segmentation")
    if mask is not None and bytes(mask)[:1] == b"{":
        # Keys of a mask beside size and counts, or the whole mask.
        del parts["segmentation"]
        label["segmentation"] = {**label.get("segmentation", {}), **parts_of(mask)}
    with_extra(label, parts, plain=plain)
