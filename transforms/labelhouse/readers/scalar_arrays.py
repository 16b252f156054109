"""Convert columns of JSON numbers to Arrow at once, exactly or not at all."""

from collections.abc import Mapping, Sequence
from types import NoneType

import numpy as np
import pyarrow as pa

from labelhouse.coco.values import Json, Missing
from labelhouse.schema.arrow_types import BIGINT, DOUBLE

NULLS: frozenset[type] = frozenset({NoneType, Missing})
_TAKEN: Mapping[pa.DataType, frozenset[type]] = {
    BIGINT: frozenset({*NULLS, int}),
    DOUBLE: frozenset({*NULLS, int, float}),
}


def number_array(values: Sequence[Json | Missing], kinds: set[type], kind: pa.DataType) -> pa.Array | None:
    """Convert numbers to int64 or float64, null and missing to null; `kinds` are the types of the values.

    Returns None if there is any other value, or an integer that the type does not hold exactly.
    """
    if not kinds <= _TAKEN[kind]:
        return None
    if kinds == {Missing}:
        return pa.nulls(len(values), kind)
    try:
        if kinds == {int} and kind == BIGINT:
            return pa.array(np.fromiter(values, np.int64, len(values)))
        return pa.array(without_missing(values, kinds), kind)
    except (OverflowError, pa.ArrowInvalid):
        return None


def without_missing(values: Sequence[Json | Missing], kinds: set[type]) -> Sequence[Json | Missing]:
    """Return the values with null for missing; `kinds` are their types."""
    return (
        [None if value.__class__ is Missing else value for value in values] if Missing in kinds else values
    )
