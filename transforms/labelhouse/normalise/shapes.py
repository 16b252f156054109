"""Convert the geometry of labels: bounding boxes, segmentations, keypoints."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, TypeGuard

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from labelhouse.coco.json_text import json_text
from labelhouse.coco.rle import RUN_LENGTH_LIST, is_run_lengths, mask_pixels
from labelhouse.coco.values import MISSING, Json, Missing
from labelhouse.normalise.numbers import LISTS, is_number, number_lists, ring_lists
from labelhouse.normalise.problems import Problems
from labelhouse.normalise.scalars import INT64_MAX, NUMBER_TEXT, kind_of, listed
from labelhouse.readers.events import BlockColumn, Rings
from labelhouse.reason_codes import ReasonCode
from labelhouse.schema.arrow_types import BIGINT, VARCHAR

_NULLS = (type(None), Missing)


@dataclass(slots=True)
class Boxes:
    """The columns of a block's boxes: left, top, width and height in pixels.

    `angles` has the fifth number of boxes that have five, by row.
    """

    parts: list[pa.Array]
    angles: dict[int, float]


def boxes(column: BlockColumn, problems: Problems, is_encord: Callable[[int], bool]) -> Boxes:
    """Convert bboxes of [x, y, width, height].

    Five numbers are a box turned about its centre: [centre x, centre y, width, height, angle]. It is stored
    as it is before it is turned. Encord writes no such boxes: five numbers of a label of its are refused.
    """
    if isinstance(column, list):
        column = _lists(column, "bbox", problems)
    lengths = pc.list_value_length(column)
    odd = pc.fill_null(pc.not_equal(lengths, 4), False)
    rows = np.flatnonzero(odd.to_numpy(zero_copy_only=False)).tolist()
    turned: dict[int, list[float]] = {}
    for row in rows:
        count = lengths[row].as_py()
        if count == 0:
            problems.add_issue(row, "bbox", ReasonCode.BAD_ARITY, "empty")
            problems.keep_in_extra(row, "bbox", [])
        elif count == 5 and not is_encord(row):
            turned[row] = column[row].as_py()  # type: ignore[index]
        else:
            problems.quarantine(row, "bbox", ReasonCode.BAD_ARITY, f"{count} numbers instead of 4")
    if rows:
        column = pc.if_else(odd, pa.scalar(None, LISTS), column)
    parts = [pc.list_element(column, index) for index in range(4)]
    if turned:
        parts = _with_turned(parts, turned, problems)
    for part, name in ((parts[2], "width"), (parts[3], "height")):
        negative = pc.fill_null(pc.less(part, 0), False).to_numpy(zero_copy_only=False)
        for row in np.flatnonzero(negative).tolist():
            problems.add_issue(row, "bbox", ReasonCode.BAD_VALUE, f"negative {name}")
    return Boxes(parts, {row: numbers[4] for row, numbers in turned.items()})


def _with_turned(
    parts: Sequence[pa.Array], turned: Mapping[int, list[float]], problems: Problems
) -> list[pa.Array]:
    """Return the columns of boxes with those that came as centre, size and angle."""
    for row, numbers in turned.items():
        if "bbox" not in problems.kept.get(row, ()):
            problems.keep_in_extra(row, "bbox", numbers)  # type: ignore[arg-type]
    message = (
        "five numbers, read as centre, size and angle; stored as left, top, width, height and rotation"
    )
    problems.add_issues(list(turned), "bbox", ReasonCode.COERCED, message)
    x, y, width, height, _ = np.array(list(turned.values())).T
    mask = np.zeros(len(parts[0]), np.bool_)
    mask[list(turned)] = True
    return [
        pc.replace_with_mask(part, pa.array(mask), pa.array(values))
        for part, values in zip(parts, (x - width / 2, y - height / 2, width, height), strict=True)
    ]


def keypoint_lists(column: BlockColumn, counts: pa.Array, problems: Problems) -> pa.Array:
    """Convert keypoints to one flat list of x, y, visibility triplets per label.

    A null number stays null. Triplets or pairs in lists of their own count as the same points; the
    visibility of a pair is unknown. `counts` is num_keypoints: a flat list of twice as many numbers holds
    pairs, because triplets would be fewer points than are counted.
    """
    nested: list[int] = []
    if isinstance(column, list):
        values = [_flat_points(value, row, problems) for row, value in enumerate(column)]
        nested = [row for row, value in enumerate(values) if value is not column[row]]
        column = _lists(values, "keypoints", problems)
    lengths = pc.fill_null(pc.list_value_length(column), 0).to_numpy()
    are_pairs = (lengths > 0) & (lengths == 2 * pc.fill_null(counts, 0).to_numpy())
    are_pairs[nested] = False
    if are_pairs.any():
        column = _with_pairs(column, np.flatnonzero(are_pairs).tolist(), problems)
        lengths = pc.fill_null(pc.list_value_length(column), 0).to_numpy()
    odd = lengths % 3 != 0
    _add_odd_visibilities(column, ~odd, problems)
    for row in np.flatnonzero(odd).tolist():
        problems.quarantine(
            row,
            "keypoints",
            ReasonCode.BAD_ARITY,
            f"{lengths[row]} numbers are not x, y, visibility triplets",
        )
    return column


def _with_pairs(column: pa.Array, rows: Sequence[int], problems: Problems) -> pa.Array:
    """Return keypoints with triplets of unknown visibility for the rows that hold pairs."""
    lists = column.to_pylist()
    for row in rows:
        if "keypoints" not in problems.kept.get(row, ()):
            problems.keep_in_extra(row, "keypoints", lists[row])
        pairs = zip(lists[row][::2], lists[row][1::2], strict=True)
        lists[row] = [number for pair in pairs for number in (*pair, None)]
    message = "twice as many numbers as num_keypoints, read as x, y pairs of unknown visibility"
    problems.add_issues(rows, "keypoints", ReasonCode.COERCED, message)
    return pa.array(lists, LISTS)


def _add_odd_visibilities(
    column: pa.Array, are_triplets: npt.NDArray[np.bool_], problems: Problems
) -> None:
    """Add an issue for each label with a visibility other than 0, 1 and 2."""
    triplets = column if are_triplets.all() else column.filter(pa.array(are_triplets))
    numbers = triplets.flatten()
    if not len(numbers):
        return
    visibilities = numbers.to_numpy(zero_copy_only=False)[2::3]
    # A null is NaN here; it has an issue already, or its list holds pairs.
    is_usual = (visibilities == 0) | (visibilities == 1) | (visibilities == 2) | np.isnan(visibilities)
    if is_usual.all():
        return
    labels = pc.list_parent_indices(triplets).to_numpy()[2::3][~is_usual]
    odd = np.flatnonzero(are_triplets)[np.unique(labels)]
    problems.add_issues(
        odd.tolist(), "keypoints", ReasonCode.BAD_VALUE, "a visibility other than 0, 1 and 2"
    )


def _flat_points(value: Json | Missing, row: int, problems: Problems) -> Json | Missing:
    if not isinstance(value, list) or not value or type(value[0]) is not list:
        return value
    points = [point for point in value if isinstance(point, list) and len(point) in (2, 3)]
    if len(points) != len(value):
        return value
    problems.add_issue(row, "keypoints", ReasonCode.COERCED, "points in lists of their own, stored flat")
    problems.keep_in_extra(row, "keypoints", value)
    return [number for point in points for number in (*point, None)[:3]]


def _lists(values: list[Json | Missing], key: str, problems: Problems) -> pa.Array:
    """Convert lists of numbers; null and missing become null, and anything else is refused."""
    if set(map(type, values)) <= {list, *_NULLS} and (lists := number_lists(values)) is not None:
        return lists
    return pa.array([_numbers(value, row, key, problems) for row, value in enumerate(values)], LISTS)


def _numbers(value: Json | Missing, row: int, key: str, problems: Problems) -> list[float | None] | None:
    """Return a list of numbers, reading texts that spell a number as that number, or None."""
    if type(value) in _NULLS:
        return None
    if not isinstance(value, list):
        problems.quarantine(
            row, key, ReasonCode.WRONG_TYPE, f"{kind_of(value)} instead of a list of numbers"
        )
        return None
    numbers: list[float | None] = []
    for number in value:
        if is_number(number):
            numbers.append(float(number))  # type: ignore[arg-type]
        elif isinstance(number, str) and NUMBER_TEXT.fullmatch(number):
            problems.add_issue(row, key, ReasonCode.COERCED, "a text, stored as the number it spells")
            problems.keep_in_extra(row, key, value)
            numbers.append(float(number))
        elif number is None and key == "keypoints":
            problems.add_issue(row, key, ReasonCode.WRONG_TYPE, "a null number, stored as unknown")
            numbers.append(None)
        elif type(number) is int:
            problems.quarantine(row, key, ReasonCode.NUMBER_RANGE, "an integer is not exact as a double")
            return None
        else:
            problems.quarantine(row, key, ReasonCode.WRONG_TYPE, f"{kind_of(number)} among the numbers")
            return None
    return numbers


@dataclass(slots=True)
class Segmentations:
    """The columns of a block's segmentations."""

    kind: pa.Array
    polygons: pa.Array
    rle_height: pa.Array
    rle_width: pa.Array
    rle_counts: pa.Array


def segmentations(column: BlockColumn, problems: Problems) -> Segmentations:
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
    polygons = _without_empty_rings(polygons, problems)
    polygons = _with_joined_points(polygons, problems)
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


def _without_empty_rings(polygons: pa.Array, problems: Problems) -> pa.Array:
    """Leave out rings without a point, with an issue; the original segmentation stays in `extra`."""
    rings = polygons.flatten()
    is_ring = rings.value_lengths().to_numpy(zero_copy_only=False) > 0
    if is_ring.all():
        return polygons
    labels = pc.list_parent_indices(polygons).to_numpy()
    rows = np.unique(labels[~is_ring])
    originals = polygons.take(pa.array(rows)).to_pylist()
    for row, segmentation in zip(rows.tolist(), originals, strict=True):
        if "segmentation" not in problems.kept.get(row, ()):
            problems.keep_in_extra(row, "segmentation", segmentation)
    problems.add_issues(
        rows.tolist(), "segmentation", ReasonCode.BAD_ARITY, "a ring without points, left out"
    )
    counts = np.bincount(labels[is_ring], minlength=len(polygons))
    offsets = pa.array(np.concatenate([[0], np.cumsum(counts)]), pa.int32())
    return pa.ListArray.from_arrays(
        offsets, rings.filter(pa.array(is_ring)), type=polygons.type, mask=polygons.is_null()
    )


def _with_joined_points(polygons: pa.Array, problems: Problems) -> pa.Array:
    """Join the points of labels whose rings are all single points, as tools write [[x, y], [x, y], ...]."""
    are_points = polygons.flatten().value_lengths().to_numpy(zero_copy_only=False) == 2
    if not are_points.any():
        return polygons
    labels = pc.list_parent_indices(polygons).to_numpy()
    points = np.bincount(labels[are_points], minlength=len(polygons))
    rings = np.bincount(labels, minlength=len(polygons))
    rows = np.flatnonzero((points > 1) & (points == rings)).tolist()
    if not rows:
        return polygons
    lists = polygons.to_pylist()
    for row in rows:
        if "segmentation" not in problems.kept.get(row, ()):
            problems.keep_in_extra(row, "segmentation", lists[row])
        lists[row] = [list(chain.from_iterable(lists[row]))]
    problems.add_issues(rows, "segmentation", ReasonCode.COERCED, _JOINED_POINTS)
    return pa.array(lists, polygons.type)


_JOINED_POINTS = "points in lists of their own, stored as one ring"


def _add_odd_rings(polygons: pa.Array, problems: Problems) -> None:
    rings = polygons.flatten()
    odd = np.flatnonzero(rings.value_lengths().to_numpy(zero_copy_only=False) % 2)
    if odd.size:
        rows = pc.list_parent_indices(polygons).to_numpy()[odd]
        for row in np.unique(rows).tolist():
            problems.add_issue(
                row, "segmentation", ReasonCode.BAD_ARITY, "a ring of an odd count of numbers"
            )


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
                row,
                "segmentation",
                ReasonCode.BAD_VALUE,
                "the mask's counts do not sum to height times width",
            )


def _counts(mask: Json | Missing) -> Any:
    return mask["counts"] if isinstance(mask, dict) else None


_NOT_MASKS = {list, *_NULLS}


def _as_rings(value: Json | Missing, row: int, problems: Problems) -> Json | Missing:
    """Return the segmentation as a list of rings of numbers, or report why it is not one."""
    if not isinstance(value, list):
        return value
    original = value
    if value and type(value[0]) is not list:
        problems.add_issue(
            row, "segmentation", ReasonCode.COERCED, "one flat ring, stored as a list of one ring"
        )
        problems.keep_in_extra(row, "segmentation", value)
        value = [value]
    if any(_is_list_of_points(ring) for ring in value):
        problems.add_issue(row, "segmentation", ReasonCode.COERCED, _JOINED_POINTS)
        problems.keep_in_extra(row, "segmentation", value)
    rings: list[Json] = []
    for ring in value:
        if _is_list_of_points(ring):
            ring = list(chain.from_iterable(ring))
        numbers = _numbers(ring, row, "segmentation", problems)
        if numbers is None:
            problems.quarantine(
                row, "segmentation", ReasonCode.WRONG_TYPE, "a ring is not a list of numbers"
            )
            return None
        rings.append(list(numbers))
    if "segmentation" in problems.kept.get(row, ()):
        problems.keep_in_extra(row, "segmentation", original)
    return rings


def _is_list_of_points(ring: Json) -> TypeGuard[list[list[Json]]]:
    return (
        isinstance(ring, list)
        and bool(ring)
        # Most rings are lists of numbers, as the first one shows.
        and isinstance(ring[0], list)
        and all(isinstance(point, list) and len(point) == 2 for point in ring)
    )


def _mask(value: Json | Missing, row: int, problems: Problems) -> tuple[int, int, str] | None:
    """Return height, width and counts of an RLE mask."""
    if value is MISSING or not isinstance(value, dict):
        problems.quarantine(
            row, "segmentation", ReasonCode.WRONG_TYPE, f"{kind_of(value)} instead of rings or a mask"
        )
        return None
    for key in ("size", "counts"):
        if value.get(key) is None:
            problems.quarantine(row, "segmentation", ReasonCode.MISSING_FIELD, f"a mask without {key}")
            return None
    size = value["size"]
    counts = value["counts"]
    if not (isinstance(size, list) and len(size) == 2 and _are_counts(size)):
        problems.quarantine(row, "segmentation", ReasonCode.WRONG_TYPE, "size is not [height, width]")
        return None
    if isinstance(counts, list) and _are_counts(counts):
        text = json_text(counts)
    elif isinstance(counts, str) and is_run_lengths(counts):
        text = counts
    elif isinstance(counts, str):
        # The text may be anything: a link to the mask, with its signature.
        problems.quarantine(row, "segmentation", ReasonCode.BAD_VALUE, "counts are not run lengths")
        return None
    else:
        problems.quarantine(
            row, "segmentation", ReasonCode.WRONG_TYPE, "counts are neither a text nor a list of integers"
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
