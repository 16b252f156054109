"""Columns of JSON numbers become Arrow arrays exactly, or are left to whoever looks at each value."""

import pyarrow as pa
import pytest
from labelhouse.coco.values import MISSING, Json, Missing
from labelhouse.readers.scalar_arrays import number_array
from labelhouse.schema.arrow_types import BIGINT, DOUBLE


@pytest.mark.parametrize(
    ("values", "kind", "expected"),
    [
        ([1, -(2**63), 2**63 - 1], BIGINT, [1, -(2**63), 2**63 - 1]),
        ([1, None, MISSING], BIGINT, [1, None, None]),
        ([MISSING, MISSING], BIGINT, [None, None]),
        ([1, 2.5, None, MISSING], DOUBLE, [1.0, 2.5, None, None]),
        ([2**53], DOUBLE, [float(2**53)]),
    ],
)
def test_numbers_keep_their_values(
    values: list[Json | Missing], kind: pa.DataType, expected: list[object]
) -> None:
    array = number_array(values, set(map(type, values)), kind)
    assert array is not None
    assert array.type == kind
    assert array.to_pylist() == expected


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([2**63], BIGINT),
        ([2**63, None], BIGINT),
        ([1.0], BIGINT),
        ([1, True], BIGINT),
        ([1, "1"], BIGINT),
        ([2**53 + 1], DOUBLE),
        ([1.5, 2**53 + 1], DOUBLE),
        ([True], DOUBLE),
    ],
)
def test_what_a_type_does_not_hold_exactly_is_left(values: list[Json | Missing], kind: pa.DataType) -> None:
    assert number_array(values, set(map(type, values)), kind) is None
