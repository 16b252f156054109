"""Decode the parts of label rows; a value that JSON has and a column cannot hold stays recognisable."""

import json
import math
from typing import Any, cast

import msgspec

from labelhouse.coco.json_errors import may_hold_lone_surrogate, syntax_error
from labelhouse.coco.json_syntax import MAX_DIGITS
from labelhouse.coco.values import Json
from labelhouse.errors import InputError
from labelhouse.label_rows.row_parts import RowObject
from labelhouse.reason_codes import ReasonCode


class OddObject(dict[str, Json]):
    """An object in which some value may be none that columns hold."""


_OBJECTS = msgspec.json.Decoder(dict[str, Any])
_RAW = msgspec.json.Decoder(dict[str, msgspec.Raw])


def members(text: bytes, offset: int, pointer: str) -> RowObject:
    """Decode members of an object; raises InputError where they are not JSON.

    Numbers beyond a double become infinite, and NaN stays, in an OddObject: `problem_of` finds them.
    """
    whole = b"{" + text + b"}"
    try:
        if not may_hold_lone_surrogate(whole):
            return cast("RowObject", _OBJECTS.decode(whole))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError):
        pass
    return _slowly(whole, offset - 1, pointer)


def whole_object(text: bytes, offset: int, pointer: str) -> RowObject:
    """Decode an object that stands at `offset`; raises InputError where it is not JSON."""
    return members(text[1:-1], offset + 1, pointer)


def raw_members(text: bytes, offset: int, pointer: str) -> dict[str, bytes]:
    """Return the text of each member of an object."""
    whole = b"{" + text + b"}"
    try:
        if not may_hold_lone_surrogate(whole):
            # What is cut out is not checked by msgspec; it is decoded when it is used.
            return {key: bytes(raw) for key, raw in _RAW.decode(whole).items()}
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError):
        pass
    return {key: json.dumps(value).encode() for key, value in _slowly(whole, offset - 1, pointer).items()}


def _slowly(text: bytes, offset: int, pointer: str) -> RowObject:
    """Decode with Python's json, which knows integers of any size and says what is wrong."""

    def integer(digits: str) -> float:
        return int(digits) if len(digits) <= MAX_DIGITS else math.inf

    try:
        value = json.loads(text.decode(), parse_int=integer, parse_constant=lambda _: math.nan)
    except (ValueError, RecursionError) as error:
        raise syntax_error(error, text, lambda at: max(offset, 0) + at, pointer) from None
    if not isinstance(value, dict):
        raise InputError(
            ReasonCode.WRONG_TYPE,
            "a label row is not an object",
            offset=max(offset, 0),
            pointer=pointer,
            remedy="export it again",
        )
    return OddObject(value)


def problem_of(value: Json) -> tuple[ReasonCode, str] | None:
    """Return why a record cannot be stored as it is: numbers beyond a double, texts beyond UTF-8."""
    if isinstance(value, float):
        return (ReasonCode.NUMBER_RANGE, _OUT) if not math.isfinite(value) else None
    if isinstance(value, str):
        return (ReasonCode.UNICODE, "half of a surrogate pair in a text") if is_odd(value) else None
    parts: list[Json] = []
    if isinstance(value, list):
        parts = value
    elif isinstance(value, dict):
        parts = [*value, *value.values()]
    for part in parts:
        if part.__class__ in (float, str, list, dict) and (problem := problem_of(part)):
            return problem
    return None


_OUT = "a number is beyond the range of a double, or not a number"


def is_odd(text: str) -> bool:
    """Return whether a text has half of a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False
