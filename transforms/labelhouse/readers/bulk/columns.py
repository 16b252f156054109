"""Convert records that were decoded in bulk to the columns of a block."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import NoneType
from typing import Any

import msgspec
import pyarrow as pa

from labelhouse.coco.json_depth import depth_of
from labelhouse.coco.sections import RECORD_KEYS, Section
from labelhouse.coco.values import MISSING, Json, Missing
from labelhouse.readers.bulk.records import RAW_KEYS, Attributes
from labelhouse.readers.events import AttributeColumns, BlockColumn, Rings
from labelhouse.readers.json_numbers import NumberLists, Text, lists_of
from labelhouse.readers.scalar_arrays import number_array
from labelhouse.schema.arrow_types import BIGINT, DOUBLE

_NUMBERS: Mapping[str, pa.DataType] = {
    **dict.fromkeys(("id", "image_id", "category_id", "iscrowd", "num_keypoints"), BIGINT),
    **dict.fromkeys(("width", "height"), BIGINT),
    **dict.fromkeys(("area", "score"), DOUBLE),
}
"""Keys whose columns are Arrow arrays if they hold nothing but such numbers."""
_KNOWN_ANSWERS = 4096
_KNOWN_ANSWER_BYTES = 2048


@dataclass(frozen=True, slots=True)
class BlockColumns:
    """Columns of a block, its other keys record by record, and how deep its values are nested."""

    columns: dict[str, BlockColumn]
    extra: list[dict[str, Json] | None]
    depth: int
    nulls: dict[str, Sequence[int]] = field(default_factory=dict)


class DecodedAnswers:
    """Columns of Encord's attributes; answers with the same spelling are one object."""

    def __init__(self) -> None:
        self._known: dict[bytes, Json] = {}

    def columns(self, values: Sequence[Any], kinds: set[type]) -> AttributeColumns:
        """Return the columns of attributes; None and missing have none. `kinds` are the values' types."""
        structs = values
        present: list[bool | Missing | None] = [True] * len(values)
        if kinds != {Attributes}:
            blank = Attributes()
            structs = [value if value.__class__ is Attributes else blank for value in values]
            present = [value if value is None or value is MISSING else True for value in values]
        own = dict(zip(Attributes.__struct_fields__, _fields(structs), strict=True))
        texts = list(map(bytes, own.pop("classifications")))
        alike = {text: self._answer(text) for text in dict.fromkeys(texts)}
        return AttributeColumns(present, own, [alike[text] for text in texts])

    def _answer(self, text: bytes) -> Any:
        if not text:
            return MISSING
        known = self._known.get(text, MISSING)
        if known is MISSING:
            if len(self._known) >= _KNOWN_ANSWERS:
                self._known.clear()
            known = msgspec.json.decode(text)
            if len(text) <= _KNOWN_ANSWER_BYTES:
                self._known[text] = known
        return known


def columns_of_records(
    section: Section, records: Sequence[Any], others: Sequence[str], answers: DecodedAnswers
) -> BlockColumns:
    """Return the columns of decoded records; `others` are keys that they may have besides the columns."""
    nulls: dict[str, Sequence[int]] = {}
    fields = dict(zip((*RECORD_KEYS[section], *others), _fields(records), strict=True))
    columns = {key: _column(section, key, fields.pop(key), answers, nulls) for key in RECORD_KEYS[section]}
    unknown = {key: values for key, values in fields.items() if values.count(MISSING) < len(values)}
    depth = _deepest([*columns.values(), *unknown.values()])
    return BlockColumns(columns, _extra(unknown, len(records)), depth, nulls)


def _column(
    section: Section, key: str, values: list[Any], answers: DecodedAnswers, nulls: dict[str, Sequence[int]]
) -> BlockColumn:
    """Return one column; if it is not a list, its null rows are added to `nulls`."""
    if section is Section.ANNOTATIONS and key in RAW_KEYS:
        lists = lists_of(values, depth=2 if key == "segmentation" else 1)
        if lists is None or (lists.others.size and key != "segmentation"):
            return _values(values)
        nulls[key] = lists.nulls.tolist()
        return lists.array if key != "segmentation" else _rings(values, lists)
    if key != "attributes" and key not in _NUMBERS:
        return values
    kinds = set(map(type, values))
    if key == "attributes" and Attributes in kinds:
        return answers.columns(values, kinds)
    if key in _NUMBERS and (array := number_array(values, kinds, _NUMBERS[key])) is not None:
        nulls[key] = [row for row, value in enumerate(values) if value is None] if NoneType in kinds else []
        return array
    return values


def _rings(texts: Sequence[Text], lists: NumberLists) -> Rings:
    rows = lists.others.tolist()
    values = _values([texts[row] for row in rows])
    return Rings(lists.array, dict(zip(rows, values, strict=True)))


def _values(texts: Sequence[Text]) -> list[Any]:
    """Decode JSON texts, all at once; missing where there is none."""
    values = iter(msgspec.json.decode(b"[%b]" % b",".join([text for text in texts if len(text)])))
    return [next(values) if len(text) else MISSING for text in texts]


def _fields(records: Sequence[Any]) -> list[list[Any]]:
    """Return the values of structs field by field; there is at least one struct."""
    return list(map(list, zip(*map(msgspec.structs.astuple, records), strict=True)))


def _deepest(columns: Iterable[BlockColumn]) -> int:
    """Return how deep the values of columns are nested, except those in Arrow."""
    deepest = 0
    for column in columns:
        if isinstance(column, Rings):
            column = list(column.others.values())
        elif isinstance(column, AttributeColumns):
            unlike = dict(zip(map(id, column.classifications), column.classifications, strict=True))
            column = list(unlike.values())
        if isinstance(column, list) and {dict, list} & set(map(type, column)):
            deepest = max(deepest, *map(depth_of, column))
    return deepest


def _extra(others: Mapping[str, list[Any]], count: int) -> list[dict[str, Json] | None]:
    records: list[dict[str, Json] | None] = [None] * count
    for key, values in others.items():
        for row, value in enumerate(values):
            if value is not MISSING:
                extra = records[row]
                if extra is None:
                    records[row] = {key: value}
                else:
                    extra[key] = value
    return records
