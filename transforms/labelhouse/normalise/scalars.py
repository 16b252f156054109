"""Convert columns of JSON scalars to Arrow arrays, exactly or not at all.

Each function takes one value per record and returns an Arrow array of the same length. The usual types go
through in one vectorised step. If a column also holds other types, only those values are checked one by
one. Null and missing become null.
"""

import re
from collections.abc import Callable, Sequence, Set
from types import NoneType
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from labelhouse.coco.json_text import json_text
from labelhouse.coco.values import MISSING, Json, Missing
from labelhouse.hashing.row_hashes import value_hashes
from labelhouse.normalise.problems import Problems
from labelhouse.readers.events import BlockColumn
from labelhouse.readers.scalar_arrays import NULLS, number_array, without_missing
from labelhouse.reason_codes import ReasonCode
from labelhouse.schema.arrow_types import BIGINT, BOOLEAN, DOUBLE, VARCHAR
from labelhouse.texts.file_name_queries import id_without_secrets
from labelhouse.texts.url_secrets import may_hold_secrets, without_secrets

INT64_MIN, INT64_MAX = -(2**63), 2**63 - 1
EXACT_INTEGERS = 2**53
"""Integral floats up to this size stand for one integer each."""
INTEGER_TEXT = re.compile(r"-?(0|[1-9][0-9]{0,17})")
NUMBER_TEXT = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]{1,2})?")
"""A text that spells a JSON number well inside the range of a double."""


def listed(column: BlockColumn) -> Sequence[Json | Missing]:
    """Return the values of a column as a list, in whichever form the reader delivered them."""
    if isinstance(column, pa.Array):
        values: list[Json | Missing] = column.to_pylist()
        return values
    assert isinstance(column, list)
    return column


def integers(column: BlockColumn, key: str, problems: Problems, *, required: bool = False) -> pa.Array:
    """Convert to int64: integers, integral floats and integer texts (the last two with an issue)."""
    if isinstance(column, pa.Array) and column.type == BIGINT and not (required and column.null_count):
        return column
    values = listed(column)
    kinds = set(map(type, values))
    if not (required and kinds & NULLS) and (array := number_array(values, kinds, BIGINT)) is not None:
        return array
    numbers = [value if value.__class__ is int else None for value in values]
    if number_array(numbers, {int, NoneType}, BIGINT) is None:
        # At least one of them does not fit.
        others = list(enumerate(values))
    else:
        others = _others(values, {int} if required else {int, *NULLS})
    integral: list[int] = []
    for row, value in others:
        if value.__class__ is float and value.is_integer() and abs(value) <= EXACT_INTEGERS:
            integral.append(row)
            numbers[row] = int(value)
        else:
            numbers[row] = _integer(value, row, key, problems, required)
    # Some tools write all their integers this way.
    problems.add_issues(
        integral, key, ReasonCode.COERCED, "a float with an integral value, stored as an integer"
    )
    return pa.array(numbers, BIGINT)


def ids(
    column: BlockColumn, key: str, problems: Problems, *, required: bool = False
) -> tuple[pa.Array, pa.Array]:
    """Convert ids to int64 as `integers` does; a text that spells no integer is an id of its own.

    Returns the numbers and those texts. The number of such a text is a hash of it, below 0: it is the same
    in all records, whichever process reads them.
    """
    if isinstance(column, pa.Array):
        return integers(column, key, problems, required=required), pa.nulls(len(column), VARCHAR)
    values = listed(column)
    if str not in set(map(type, values)):
        return integers(values, key, problems, required=required), pa.nulls(len(values), VARCHAR)
    spelled = [
        value if value.__class__ is str and not INTEGER_TEXT.fullmatch(value) else None for value in values
    ]
    exported = pa.array(spelled, VARCHAR)
    hashes = (value_hashes(exported) >> np.uint64(2)).astype(np.int64)
    rest = [value if text is None else 0 for value, text in zip(values, spelled, strict=True)]
    numbers = integers(rest, key, problems, required=required)
    numbers = pc.if_else(exported.is_valid(), pa.array(-1 - hashes), numbers)
    stored = [None if text is None else id_without_secrets(text) for text in spelled]
    if key == "id" and stored != spelled:
        rows = [row for row, text in enumerate(stored) if text != spelled[row]]
        problems.add_issues(
            rows, key, ReasonCode.SECRET_CUT, "user info, a fragment, or a query that may be secret is cut"
        )
    return numbers, pa.array(stored, VARCHAR)


def _integer(value: Json | Missing, row: int, key: str, problems: Problems, required: bool) -> int | None:
    if value is None or value is MISSING:
        if required:
            problems.quarantine(row, key, ReasonCode.MISSING_FIELD, "missing")
        return None
    if type(value) is int:
        if INT64_MIN <= value <= INT64_MAX:
            return value
        problems.quarantine(row, key, ReasonCode.NUMBER_RANGE, "the integer does not fit 64 bits")
        return None
    if isinstance(value, str) and INTEGER_TEXT.fullmatch(value):
        problems.add_issue(row, key, ReasonCode.COERCED, "a text, stored as the integer it spells")
        problems.keep_in_extra(row, key, value)
        return int(value)
    problems.quarantine(row, key, ReasonCode.WRONG_TYPE, f"{kind_of(value)} instead of an integer")
    return None


def doubles(column: BlockColumn, key: str, problems: Problems) -> pa.Array:
    """Convert to float64: numbers that a double holds exactly."""
    if isinstance(column, pa.Array) and column.type == DOUBLE:
        return column
    values = listed(column)
    if (array := number_array(values, set(map(type, values)), DOUBLE)) is not None:
        return array
    # Integers too: a double may not hold one exactly.
    numbers = [value if value.__class__ is float else None for value in values]
    for row, value in _others(values, {float, *NULLS}):
        numbers[row] = _double(value, row, key, problems)
    return pa.array(numbers, DOUBLE)


def _double(value: Json | Missing, row: int, key: str, problems: Problems) -> float | None:
    if value is None or value is MISSING:
        return None
    if type(value) is int or type(value) is float:
        number = exact_double(value)
        if number is None:
            problems.quarantine(row, key, ReasonCode.NUMBER_RANGE, "the integer is not exact as a double")
        return number
    if isinstance(value, str) and NUMBER_TEXT.fullmatch(value):
        problems.add_issue(row, key, ReasonCode.COERCED, "a text, stored as the number it spells")
        problems.keep_in_extra(row, key, value)
        return float(value)
    problems.quarantine(row, key, ReasonCode.WRONG_TYPE, f"{kind_of(value)} instead of a number")
    return None


def exact_double(value: float) -> float | None:
    """Return the number as a double, None if that would change its value."""
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if number == value else None


def texts(
    column: BlockColumn, key: str, problems: Problems, clean: Callable[[str], str] = without_secrets
) -> pa.Array:
    """Convert to strings; numbers become their text, other values go to `extra`, both with an issue."""
    if isinstance(column, pa.Array) and column.type == VARCHAR:
        column = column.to_pylist()
    values = listed(column)
    kinds = set(map(type, values))
    if kinds <= {str} | NULLS:
        if not _may_hold_secrets(values, kinds):
            return pa.array(without_missing(values, kinds), VARCHAR)
        return pa.array([clean(v) if type(v) is str else None for v in values], VARCHAR)
    cleaned = [clean(v) if type(v) is str else None for v in values]
    for row, value in _others(values, {str, *NULLS}):
        cleaned[row] = _text(value, row, key, problems)
    return pa.array(cleaned, VARCHAR)


def _text(value: Json, row: int, key: str, problems: Problems) -> str | None:
    problems.keep_in_extra(row, key, value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        problems.add_issue(row, key, ReasonCode.COERCED, "a number, stored as its text")
        return json_text(value)
    problems.add_issue(
        row, key, ReasonCode.WRONG_TYPE, f"{kind_of(value)} instead of a text; kept in extra"
    )
    return None


def booleans(column: BlockColumn, key: str, problems: Problems) -> pa.Array:
    """Convert to booleans; other values go to `extra` with an issue."""
    values = listed(column)
    kinds = set(map(type, values))
    if kinds <= {bool} | NULLS:
        return pa.array(without_missing(values, kinds), BOOLEAN)
    for row, value in _others(values, {bool, *NULLS}):
        problems.keep_in_extra(row, key, value)
        problems.add_issue(
            row, key, ReasonCode.WRONG_TYPE, f"{kind_of(value)} instead of a boolean; kept in extra"
        )
    return pa.array([v if v.__class__ is bool else None for v in values], BOOLEAN)


def flags(column: BlockColumn, key: str, problems: Problems) -> pa.Array:
    """Convert 0 and 1 to int64; booleans and their texts become 0 and 1 and stay in `extra`.

    Other integers are stored with an issue.
    """
    array = _flags(column, key, problems)
    is_other = pc.fill_null(pc.or_(pc.less(array, 0), pc.greater(array, 1)), False)
    rows = np.flatnonzero(is_other.to_numpy(zero_copy_only=False))
    problems.add_issues(rows.tolist(), key, ReasonCode.BAD_VALUE, "neither 0 nor 1")
    return array


def _flags(column: BlockColumn, key: str, problems: Problems) -> pa.Array:
    if isinstance(column, pa.Array) or set(map(type, listed(column))) <= {int} | NULLS:
        return integers(column, key, problems)
    numbers = list(listed(column))
    for row, value in _others(numbers, {int, *NULLS}):
        if isinstance(value, bool):
            problems.keep_in_extra(row, key, value)
            numbers[row] = int(value)
        elif value in ("true", "false"):
            problems.keep_in_extra(row, key, value)
            problems.add_issue(row, key, ReasonCode.COERCED, "a text, stored as the flag it spells")
            numbers[row] = int(value == "true")
    return integers(numbers, key, problems)


def kind_of(value: object) -> str:
    """Name the JSON type of a value for a message."""
    names = {
        type(None): "null",
        bool: "a boolean",
        int: "an integer",
        float: "a number",
        str: "a text",
        list: "a list",
        dict: "an object",
    }
    return names.get(type(value), "nothing")


def _others(values: Sequence[Json | Missing], usual: Set[type]) -> list[tuple[int, Any]]:
    """Return the values of none of the usual types, each with its row."""
    return [(row, value) for row, value in enumerate(values) if value.__class__ not in usual]


def _may_hold_secrets(values: Sequence[Json | Missing], kinds: set[type]) -> bool:
    """Return whether any of the texts may hold secrets; one joint check is several times as fast."""
    texts = values if kinds == {str} else [value for value in values if type(value) is str]
    return may_hold_secrets("\n".join(texts))  # type: ignore[arg-type]
