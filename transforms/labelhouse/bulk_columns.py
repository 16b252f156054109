"""Turn records that were decoded at once into the columns of a block."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

import msgspec

from labelhouse.bulk_decoder import RAW_KEYS, Attributes
from labelhouse.json_depth import depth_of
from labelhouse.json_numbers import Lists, Text, lists_of
from labelhouse.reader import MISSING, RECORD_KEYS, AttributeColumns, Column, Json, Rings, Section

_OWN_ATTRIBUTES = [key for key in Attributes.__struct_fields__ if key != "classifications"]
_KNOWN_ANSWERS = 4096
_KNOWN_ANSWER_BYTES = 2048


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns of a block, its other keys record by record, and how deep its values are nested."""

    columns: dict[str, Column]
    extra: list[dict[str, Json] | None]
    depth: int
    nulls: dict[str, Sequence[int]] = field(default_factory=dict)


class Answers:
    """Columns of Encord's attributes; answers that are spelled alike are one object."""

    def __init__(self) -> None:
        self._known: dict[bytes, Json] = {}

    def columns(self, values: Sequence[Any]) -> AttributeColumns:
        """Return the columns of attributes; None and missing have none."""
        blank = Attributes()
        given = [value if value.__class__ is Attributes else blank for value in values]
        return AttributeColumns(
            present=[value if value is None or value is MISSING else True for value in values],
            own={key: _field(given, key) for key in _OWN_ATTRIBUTES},
            classifications=[self._answer(bytes(value.classifications)) for value in given],
        )

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
    section: Section, records: Sequence[Any], others: Sequence[str], answers: Answers
) -> Columns:
    """Return the columns of decoded records; `others` are the keys that they may have beyond those."""
    nulls: dict[str, Sequence[int]] = {}
    columns = {
        key: _column(section, key, _field(records, key), answers, nulls) for key in RECORD_KEYS[section]
    }
    unknown = _others(records, others)
    depth = _deepest([*columns.values(), *unknown.values()])
    return Columns(columns, _extra(unknown, len(records)), depth, nulls)


def _column(
    section: Section, key: str, values: list[Any], answers: Answers, nulls: dict[str, Sequence[int]]
) -> Column:
    """Return one column; of one that is no list, `nulls` is given the rows that are null."""
    if section is not Section.ANNOTATIONS:
        return values
    if key in RAW_KEYS:
        found = lists_of(values, depth=2 if key == "segmentation" else 1)
        if found is None or (found.others.size and key != "segmentation"):
            return _values(values)
        nulls[key] = found.nulls.tolist()
        return found.array if key != "segmentation" else _rings(values, found)
    if key == "attributes" and Attributes in set(map(type, values)):
        return answers.columns(values)
    return values


def _rings(texts: Sequence[Text], found: Lists) -> Rings:
    rows = found.others.tolist()
    values = _values([texts[row] for row in rows])
    return Rings(found.array, dict(zip(rows, values, strict=True)))


def _values(texts: Sequence[Text]) -> list[Any]:
    """Decode JSON texts, all at once; missing where there is none."""
    values = iter(msgspec.json.decode(b"[%b]" % b",".join([text for text in texts if len(text)])))
    return [next(values) if len(text) else MISSING for text in texts]


def _field(records: Sequence[Any], name: str) -> list[Any]:
    return list(map(attrgetter(name), records))


def _deepest(columns: Iterable[Column]) -> int:
    """Return how deep the values of columns are nested, those in Arrow aside."""
    deepest = 0
    for column in columns:
        if isinstance(column, Rings):
            column = list(column.others.values())
        elif isinstance(column, AttributeColumns):
            unlike = {id(value): value for value in column.classifications}
            column = list(unlike.values())
        if isinstance(column, list) and {dict, list} & set(map(type, column)):
            deepest = max(deepest, *map(depth_of, column))
    return deepest


def _others(records: Sequence[Any], keys: Sequence[str]) -> dict[str, list[Any]]:
    """Return the columns of other keys, without those that all records of a block lack."""
    columns = {key: _field(records, f"other_{number}") for number, key in enumerate(keys)}
    return {key: values for key, values in columns.items() if values.count(MISSING) < len(values)}


def _extra(others: Mapping[str, list[Any]], count: int) -> list[dict[str, Json] | None]:
    found: list[dict[str, Json] | None] = [None] * count
    for key, values in others.items():
        for row, value in enumerate(values):
            if value is not MISSING:
                extra = found[row]
                if extra is None:
                    found[row] = {key: value}
                else:
                    extra[key] = value
    return found
