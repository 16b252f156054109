"""Convert the geometry of labels: bounding boxes, segmentations, keypoints."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from labelhouse.coco.json_text import json_text
from labelhouse.coco.rle import RUN_LENGTH_LIST, is_run_lengths, mask_pixels
from labelhouse.coco.values import MISSING, Json, Missing
from labelhouse.normalise.numbers import LISTS, is_number, number_lists, ring_lists
from labelhouse.normalise.problems import Problems
from labelhouse.normalise.scalars import INT64_MAX, NUMBER_TEXT, kind_of, listed
from labelhouse.readers.events import Column, Rings
from labelhouse.reason_codes import Code
from labelhouse.schema.arrow_types import BIGINT, VARCHAR

_NULLS = (type(None), Missing)


def boxes(column: Column, problems: Problems) -> list[pa.Array]:
    """Convert bboxes of [x, y, width, height] to four columns, pixels."""
    if isinstance(column, list):
        column = _lists(column, "bbox", problems)
    lengths = pc.list_value_length(column)
    odd = pc.fill_null(pc.not_equal(lengths, 4), False)
    rows = np.flatnonzero(odd.to_numpy(zero_copy_only=False)).tolist()
    for row in rows:
        count = lengths[row].as_py()
        if count == 0:
            problems.add_issue(row, "bbox", Code.BAD_ARITY, "empty")
            problems.keep_in_extra(row, "bbox", [])
        else:
            problems.quarantine(row, "bbox", Code.BAD_ARITY, f"{count} numbers instead of 4")
    if rows:
        column = pc.if_else(odd, pa.scalar(None, LISTS), column)
    parts = [pc.list_element(column, index) for index in range(4)]
    for part, name in ((parts[2], "width"), (parts[3], "height")):
        negative = pc.fill_null(pc.less(part, 0), False).to_numpy(zero_copy_only=False)
        for row in np.flatnonzero(negative).tolist():
            problems.add_issue(row, "bbox", Code.BAD_VALUE, f"negative {name}")
    return parts


def keypoint_lists(column: Column, problems: Problems) -> pa.Array:
    """Convert keypoints to one flat list of x, y, visibility triplets per label.

    A null number stays null. Triplets or pairs in lists of their own count as the same points; the
    visibility of a pair is unknown.
    """
    if isinstance(column, list):
        values = [_flat_points(value, row, problems) for row, value in enumerate(column)]
        column = _lists(values, "keypoints", problems)
    lengths = pc.fill_null(pc.list_value_length(column), 0).to_numpy()
    for row in np.flatnonzero(lengths % 3).tolist():
        problems.quarantine(
            row,
            "keypoints",
            Code.BAD_ARITY,
            f"{lengths[row]} numbers are no x, y, visibility triplets",
        )
    return column


def _flat_points(value: Json | Missing, row: int, problems: Problems) -> Json | Missing:
    if not isinstance(value, list) or not value or type(value[0]) is not list:
        return value
    points = [point for point in value if isinstance(point, list) and len(point) in (2, 3)]
    if len(points) != len(value):
        return value
    problems.add_issue(row, "keypoints", Code.COERCED, "points in lists of their own, stored flat")
    problems.keep_in_extra(row, "keypoints", value)
    return [number for point in points for number in (*point, None)[:3]]


def _lists(values: list[Json | Missing], key: str, problems: Problems) -> pa.Array:
    """Convert lists of numbers; null and missing become null, and anything else is refused."""
    if set(map(type, values)) <= {list, *_NULLS} and (found := number_lists(values)) is not None:
        return found
    return pa.array([_numbers(value, row, key, problems) for row, value in enumerate(values)], LISTS)


def _numbers(value: Json | Missing, row: int, key: str, problems: Problems) -> list[float | None] | None:
    """Return a list of numbers, reading texts that spell a number as that number, or None."""
    if type(value) in _NULLS:
        return None
    if not isinstance(value, list):
        problems.quarantine(row, key, Code.WRONG_TYPE, f"{kind_of(value)} instead of a list of numbers")
        return None
    found: list[float | None] = []
    for number in value:
        if is_number(number):
            found.append(float(number))  # type: ignore[arg-type]
        elif isinstance(number, str) and NUMBER_TEXT.fullmatch(number):
            problems.add_issue(row, key, Code.COERCED, "a text, stored as the number it spells")
            problems.keep_in_extra(row, key, value)
            found.append(float(number))
        elif number is None and key == "keypoints":
            problems.add_issue(row, key, Code.WRONG_TYPE, "a null number, stored as unknown")
            found.append(None)
        elif type(number) is int:
            problems.quarantine(row, key, Code.NUMBER_RANGE, "an integer is not exact as a double")
            return None
        else:
            problems.quarantine(row, key, Code.WRONG_TYPE, f"{kind_of(number)} among the numbers")
            return None
    return found


@dataclass(slots=True)
class Segmentations:
    """The columns of a block's segmentations."""

    kind: pa.Array
    polygons: pa.Array
    rle_height: pa.Array
    rle_width: pa.Array
    rle_counts: pa.Array


def segmentations(column: Column, problems: Problems) -> Segmentations:
    """Convert segmentations: rings stay as they are, RLE becomes size and counts, nothing becomes none."""
    if isinstance(column, Rings):
        polygons = column.array
        others: dict[int, Json] = dict(column.others)
    else:
        values = listed(column)
        polygons = ring_lists(values)
        if polygons is None:
            values = [_as_rings(value, row, problems) for row, value in enumerate(values)]
            polygons = ring_lists(values)
            assert polygons is not None
        others = {
            row: value
            for row, value in enumerate(values)
            if value.__class__ not in _NOT_MASKS and value is not MISSING
        }
    _add_odd_rings(polygons, problems)
    masks = {row: mask for row, value in others.items() if (mask := _mask(value, row, problems))}
    _add_incomplete_masks(others, masks, problems)
    with_rings = pc.fill_null(pc.greater(pc.list_value_length(polygons), 0), False)
    kinds = pc.if_else(with_rings, "polygon", "none")
    if not masks:
        none = pa.nulls(len(polygons), BIGINT)
        return Segmentations(kinds, polygons, none, none, pa.nulls(len(polygons), VARCHAR))
    rows = range(len(polygons))
    is_mask = pa.array([row in masks for row in rows])
    columns = [[masks[row][part] if row in masks else None for row in rows] for part in range(3)]
    return Segmentations(
        pc.if_else(is_mask, "rle", kinds),
        polygons,
        pa.array(columns[0], BIGINT),
        pa.array(columns[1], BIGINT),
        pa.array(columns[2], VARCHAR),
    )


def _add_odd_rings(polygons: pa.Array, problems: Problems) -> None:
    rings = polygons.flatten()
    odd = np.flatnonzero(rings.value_lengths().to_numpy(zero_copy_only=False) % 2)
    if odd.size:
        rows = pc.list_parent_indices(polygons).to_numpy()[odd]
        for row in np.unique(rows).tolist():
            problems.add_issue(row, "segmentation", Code.BAD_ARITY, "a ring of an odd count of numbers")


def _add_incomplete_masks(
    values: Mapping[int, Json], masks: Mapping[int, tuple[int, int, str]], problems: Problems
) -> None:
    rows = list(masks)
    lists = {row: counts for row in rows if isinstance(counts := _counts(values[row]), list)}
    texts = [row for row in rows if row not in lists]
    pixels: dict[int, int | None] = {row: sum(counts) for row, counts in lists.items()}
    pixels.update(zip(texts, mask_pixels([str(_counts(values[row])) for row in texts]), strict=True))
    for row in rows:
        height, width, _ = masks[row]
        if pixels[row] != height * width:
            problems.add_issue(
                row, "segmentation", Code.BAD_VALUE, "the mask's counts do not sum to height times width"
            )


def _counts(mask: Json | Missing) -> Any:
    return mask["counts"] if isinstance(mask, dict) else None


_NOT_MASKS = {list, *_NULLS}


def _as_rings(value: Json | Missing, row: int, problems: Problems) -> Json | Missing:
    """Return the segmentation as a list of rings of numbers, or report why it is none."""
    if not isinstance(value, list):
        return value
    given = value
    if value and type(value[0]) is not list:
        problems.add_issue(row, "segmentation", Code.COERCED, "one flat ring, stored as a list of one ring")
        problems.keep_in_extra(row, "segmentation", value)
        value = [value]
    rings: list[Json] = []
    for ring in value:
        numbers = _numbers(ring, row, "segmentation", problems)
        if numbers is None:
            problems.quarantine(row, "segmentation", Code.WRONG_TYPE, "a ring is not a list of numbers")
            return None
        rings.append(list(numbers))
    if "segmentation" in problems.kept.get(row, ()):
        problems.keep_in_extra(row, "segmentation", given)
    return rings


def _mask(value: Json | Missing, row: int, problems: Problems) -> tuple[int, int, str] | None:
    """Return height, width and counts of an RLE mask."""
    if value is MISSING or not isinstance(value, dict):
        problems.quarantine(
            row, "segmentation", Code.WRONG_TYPE, f"{kind_of(value)} instead of rings or a mask"
        )
        return None
    for key in ("size", "counts"):
        if value.get(key) is None:
            problems.quarantine(row, "segmentation", Code.MISSING_FIELD, f"a mask without {key}")
            return None
    size = value["size"]
    counts = value["counts"]
    if not (isinstance(size, list) and len(size) == 2 and _are_counts(size)):
        problems.quarantine(row, "segmentation", Code.WRONG_TYPE, "size is not [height, width]")
        return None
    if isinstance(counts, list) and _are_counts(counts):
        text = json_text(counts)
    elif isinstance(counts, str) and is_run_lengths(counts):
        text = counts
    elif isinstance(counts, str):
        # The text may be anything: a link to the mask, with its signature.
        problems.quarantine(row, "segmentation", Code.BAD_VALUE, "counts are no run lengths")
        return None
    else:
        problems.quarantine(
            row, "segmentation", Code.WRONG_TYPE, "counts are no text and no list of integers"
        )
        return None
    if isinstance(counts, str) and RUN_LENGTH_LIST.fullmatch(counts):
        # The text has the form of the other kind of counts.
        problems.keep_in_extra(row, "segmentation", value)
    elif len(value) > 2:
        problems.keep_in_extra(
            row, "segmentation", {k: v for k, v in value.items() if k not in ("size", "counts")}
        )
    height, width = size
    assert isinstance(height, int)
    assert isinstance(width, int)
    return height, width, text


def _are_counts(values: list[Any]) -> bool:
    # There may be very many numbers: a loop in Python takes several times as long.
    return set(map(type, values)) <= {int} and (
        not values or (min(values) >= 0 and max(values) <= INT64_MAX)
    )
