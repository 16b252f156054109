"""Convert columns of JSON number lists (boxes, rings, keypoints) to Arrow arrays."""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import cast

import pyarrow as pa

from labelhouse.coco.values import Json, Missing
from labelhouse.normalise.scalars import exact_double
from labelhouse.schema.arrow_types import DOUBLE

LISTS = pa.list_(DOUBLE)
RINGS = pa.list_(LISTS)


def number_lists(values: Sequence[Json | Missing]) -> pa.Array | None:
    """Convert lists of numbers to list<double>, other values to null.

    Returns None if a list holds anything other than numbers that doubles hold exactly.
    """
    lists = [v if type(v) is list else None for v in values]
    return _converted(lists, LISTS, _flat(lists))


def ring_lists(values: Sequence[Json | Missing]) -> pa.Array | None:
    """Convert lists of lists of numbers to list<list<double>>, as number_lists does."""
    lists = [v if type(v) is list else None for v in values]
    rings = list(_flat(lists))
    if set(map(type, rings)) - {list}:
        return None
    return _converted(lists, RINGS, _flat(cast("list[list[Json]]", rings)))


def is_number(value: Json | Missing) -> bool:
    """Return whether a value is a number that a double holds exactly; booleans are not numbers."""
    return type(value) in (int, float) and exact_double(value) is not None  # type: ignore[arg-type]


def _flat(lists: Sequence[list[Json] | None] | Sequence[list[Json]]) -> Iterable[Json]:
    return chain.from_iterable(v for v in lists if v is not None)


def _converted(
    lists: list[list[Json] | None], kind: pa.DataType, numbers: Iterable[Json]
) -> pa.Array | None:
    # Arrow would convert booleans to numbers, and nulls to unknown numbers.
    if set(map(type, numbers)) - {int, float}:
        return None
    try:
        return pa.array(lists, kind)
    except pa.ArrowInvalid:
        # There is an integer beyond 2^53: the caller checks each value and reports which.
        return None
