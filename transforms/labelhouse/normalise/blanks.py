"""Record which keys of a record are null or empty where its columns do not show it."""

from collections.abc import Iterable, Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from labelhouse.coco.json_text import json_text
from labelhouse.coco.sections import RECORD_KEYS
from labelhouse.coco.values import MISSING, Json, Missing
from labelhouse.normalise.answers import OWN_KEYS
from labelhouse.readers.events import AnswerColumns, AttributeColumns, Block, BlockColumn
from labelhouse.schema.arrow_types import VARCHAR

Mask: TypeAlias = npt.NDArray[np.bool_]
_Blank: TypeAlias = tuple[tuple[str, ...], Json, Mask]
"""Path of a key, its blank value, and the records in which it is blank."""


def blanks_column(block: Block, keypoints: pa.Array | None = None) -> pa.Array:
    """Return one JSON object per record with its blank keys, null where there are none.

    `keypoints` is the column of labels as number lists.
    """
    blanks = [blank for key in RECORD_KEYS[block.section] if (blank := _null(block, key)) is not None]
    if keypoints is not None:
        empty = pc.fill_null(pc.equal(pc.list_value_length(keypoints), 0), False)
        blanks.append((("keypoints",), [], empty.to_numpy(zero_copy_only=False)))
        blanks += _attribute_blanks(block.columns["attributes"])
    return _texts([blank for blank in blanks if blank[2].any()], len(block.positions))


def _null(block: Block, key: str) -> _Blank | None:
    column = block.columns[key]
    if isinstance(column, list):
        return (key,), None, _is(column, None)
    if not block.nulls.get(key):
        return None
    mask = np.zeros(len(block.positions), np.bool_)
    mask[block.nulls[key]] = True
    return (key,), None, mask


def _attribute_blanks(column: BlockColumn) -> Iterable[_Blank]:
    if isinstance(column, AttributeColumns):
        answers = column.classifications
        yield ("attributes",), None, _is(column.present, None)
        for key, values in column.own.items():
            yield ("attributes", key), None, _is(values, None)
        yield ("attributes", "classifications"), {}, _empty(answers)
        if (nothing := _is(answers, MISSING)).any():
            nothing &= _is(column.present, True)
            for values in column.own.values():
                nothing &= _is(values, MISSING)
            yield ("attributes",), {}, nothing
    elif isinstance(column, AnswerColumns):
        is_empty = np.array([not answers for answers in column.sets], np.bool_)
        yield ("attributes", "classifications"), {}, is_empty[np.asarray(column.codes, np.int64)]
    elif isinstance(column, list) and dict in set(map(type, column)):
        objects = [value if isinstance(value, dict) else {"": None} for value in column]
        yield ("attributes",), {}, _empty(objects)
        for key in OWN_KEYS:
            yield ("attributes", key), None, _is([value.get(key, MISSING) for value in objects], None)
        yield ("attributes", "classifications"), {}, _empty([v.get("classifications") for v in objects])


def _is(values: Sequence[object], wanted: Missing | bool | None) -> Mask:
    # Usually there are none; this check is a few times as fast.
    if type(wanted) not in set(map(type, values)):
        return np.zeros(len(values), np.bool_)
    return np.fromiter((value is wanted for value in values), np.bool_, len(values))


def _empty(values: Sequence[object]) -> Mask:
    if {} not in values:
        return np.zeros(len(values), np.bool_)
    return np.fromiter((value == {} for value in values), np.bool_, len(values))


def _texts(blanks: Sequence[_Blank], count: int) -> pa.Array:
    """Write each combination of blanks once, and give every record its own."""
    codes = np.zeros(count, np.int64)
    for bit, (_, _, mask) in enumerate(blanks):
        codes |= mask.astype(np.int64) << bit
    return texts_of_codes(codes, [(path, value) for path, value, _ in blanks])


def texts_of_codes(
    codes: npt.NDArray[np.int64], blanks: Sequence[tuple[tuple[str, ...], Json]]
) -> pa.Array:
    """Return one JSON object per record with its blank keys, null where there are none.

    Each bit of a record's code stands for a path and its blank value, those of `blanks`.
    """
    if not codes.any():
        return pa.nulls(len(codes), VARCHAR)
    encoded = pa.array(codes).dictionary_encode()
    texts = [
        _text([blank for bit, blank in enumerate(blanks) if code >> bit & 1])
        for code in encoded.dictionary.to_pylist()
    ]
    return pa.array(texts, VARCHAR).take(encoded.indices)


def _text(blanks: Sequence[tuple[tuple[str, ...], Json]]) -> str | None:
    blank_keys: dict[str, Json] = {}
    for path, value in blanks:
        inside = blank_keys
        for key in path[:-1]:
            deeper = inside.setdefault(key, {})
            assert isinstance(deeper, dict)
            inside = deeper
        inside[path[-1]] = value
    return json_text(blank_keys) if blank_keys else None
