"""Turn the `attributes` of labels into columns of the label and rows of the table attributes."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from labelhouse.codes import Code
from labelhouse.json_text import json_text
from labelhouse.normalise.numbers import is_number
from labelhouse.normalise.problems import Problems
from labelhouse.normalise.scalars import INT64_MAX, INT64_MIN, INTEGER_TEXT, NUMBER_TEXT, kind_of, listed
from labelhouse.reader import MISSING, AttributeColumns, Column, Json, Missing
from labelhouse.row_hashes import Hashes, mixed, named, segment_sums, value_hashes
from labelhouse.schema import ATTRIBUTES
from labelhouse.urls import without_secrets

OWN_KEYS: Mapping[str, Callable[[Json], bool]] = {
    "track_id": lambda value: type(value) is int and INT64_MIN <= value <= INT64_MAX,
    "encord_track_uuid": lambda value: isinstance(value, str),
    "rotation": is_number,
    "manual_annotation": lambda value: isinstance(value, bool),
}
"""Attributes that are columns of annotations, and the values that the columns take."""
_TEXTS: Mapping[str, re.Pattern[str]] = {
    "track_id": INTEGER_TEXT,
    "encord_track_uuid": re.compile(r"(?!)"),
    "rotation": NUMBER_TEXT,
    "manual_annotation": re.compile(r"(?!)"),
}

RELATION = "#relation"


@dataclass(slots=True)
class Answers:
    """What the attributes of a block's labels say.

    `own` has one value a label for each of OWN_KEYS. The lists below have one entry an answer: `rows`
    is the label's row in the block, the others are columns of the table.
    """

    own: dict[str, list[Json | Missing]]
    rows: list[int] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    origins: list[str] = field(default_factory=list)
    values: list[str | None] = field(default_factory=list)
    value_types: list[str] = field(default_factory=list)
    numbers: list[float | None] = field(default_factory=list)
    booleans: list[bool | None] = field(default_factory=list)

    def add(self, row: int, name: str, origin: str, value: Json) -> None:
        """Add one answer."""
        self.rows.append(row)
        self.names.append(without_secrets(name))
        self.origins.append(origin)
        number: float | None = None
        boolean: bool | None = None
        text: str | None
        if isinstance(value, str):
            kind, text = "string", without_secrets(value)
        elif value is None:
            kind, text = "null", None
        elif isinstance(value, bool):
            kind, text, boolean = "boolean", json_text(value), value
        elif isinstance(value, int | float):
            kind, text, number = "number", json_text(value), _nearest_double(value)
        else:
            kind, text = "json", json_text(value)
        self.values.append(text)
        self.value_types.append(kind)
        self.numbers.append(number)
        self.booleans.append(boolean)

    def extend(self, row: int, answers: "Answers") -> None:
        """Add the answers of one label, which another label has given too."""
        self.rows += [row] * len(answers.rows)
        self.names += answers.names
        self.origins += answers.origins
        self.values += answers.values
        self.value_types += answers.value_types
        self.numbers += answers.numbers
        self.booleans += answers.booleans

    def hashes(self, labels: int) -> Hashes:
        """Return a hash a label of its answers, in whatever order they are."""
        if not self.rows:
            return np.zeros(labels, np.uint64)
        columns = {
            "name": self.names,
            "origin": self.origins,
            "value": self.values,
            "type": self.value_types,
        }
        found = np.zeros(len(self.rows), np.uint64)
        for name, values in columns.items():
            # Answers repeat: each text is hashed once.
            texts = pa.array(values, pa.string()).dictionary_encode()
            known = named(name, value_hashes(texts.dictionary))
            places = pc.fill_null(texts.indices, len(known)).to_numpy(zero_copy_only=False)
            found += np.append(known, np.uint64(0))[places]
        # Rows of other answers may have come between: they are in no order.
        rows = np.asarray(self.rows)
        order = np.argsort(rows, kind="stable")
        return segment_sums(mixed(found)[order], np.bincount(rows, minlength=labels))

    def batch(
        self, document_keys: pa.Array, positions: pa.Array, ids: pa.Array, good: pa.Array
    ) -> pa.RecordBatch:
        """Return the rows of the table attributes for the labels that are `good`."""
        rows = pa.array(self.rows, pa.int64())
        columns = [
            document_keys.take(rows),
            positions.take(rows),
            ids.take(rows),
            pa.array(self.names, pa.string()),
            pa.array(self.origins, pa.string()),
            pa.array(self.values, pa.string()),
            pa.array(self.value_types, pa.string()),
            pa.array(self.numbers, pa.float64()),
            pa.array(self.booleans, pa.bool_()),
        ]
        return pa.record_batch(columns, schema=ATTRIBUTES.arrow).filter(good.take(rows))


def answers_of(column: Column, problems: Problems, max_attributes: int) -> Answers:
    """Read the attributes of each label; a value that is no object goes to `extra` with an issue."""
    if isinstance(column, AttributeColumns):
        return _answers_of_columns(column, problems, max_attributes)
    attributes = listed(column)
    found = Answers({key: [MISSING] * len(attributes) for key in OWN_KEYS})
    for row, value in enumerate(attributes):
        if isinstance(value, dict) and _answer_count(value) > max_attributes:
            problems.refuse(
                row, "attributes", Code.LIMIT_ATTRIBUTES, f"more than {max_attributes:,} attributes"
            )
        elif isinstance(value, dict):
            _read(found, row, value, problems)
        elif value is not None and value is not MISSING:
            problems.keep(row, "attributes", value)
            problems.doubt(
                row,
                "attributes",
                Code.WRONG_TYPE,
                f"{kind_of(value)} instead of an object; kept in extra",
            )
    return found


def _answers_of_columns(column: AttributeColumns, problems: Problems, max_attributes: int) -> Answers:
    found = Answers(dict(column.own))
    known: dict[int, Answers] = {}
    for row, value in enumerate(column.classifications):
        given = len(value) if isinstance(value, dict) else 0
        # Almost always there is room for all keys of Encord's, and nobody need count them.
        room = max_attributes - given
        if room <= len(column.own) and _key_count(column, row) > room:
            problems.refuse(
                row, "attributes", Code.LIMIT_ATTRIBUTES, f"more than {max_attributes:,} attributes"
            )
        elif isinstance(value, dict):
            # Objects of the column live as long as it does, so their ids tell them apart.
            answers = known.get(id(value))
            if answers is None:
                answers = known[id(value)] = Answers({})
                _read(answers, row, {"classifications": value}, problems)
            found.extend(row, answers)
        elif value is not MISSING:
            _read(found, row, {"classifications": value}, problems)
    return found


def _key_count(column: AttributeColumns, row: int) -> int:
    values = [column.classifications[row], *(values[row] for values in column.own.values())]
    return sum(value is not MISSING for value in values)


def _read(found: Answers, row: int, attributes: dict[str, Json], problems: Problems) -> None:
    for name, value in attributes.items():
        if name in found.own:
            _read_own(found, row, name, value, problems)
        elif name == "classifications" and isinstance(value, dict):
            for question, answer in value.items():
                origin = "relation" if question == RELATION else "classification"
                found.add(row, question, origin, answer)
        elif name == "classifications":
            problems.keep_attribute(row, name, value)
            if value is not None:
                problems.doubt(
                    row,
                    "attributes/classifications",
                    Code.WRONG_TYPE,
                    f"{kind_of(value)} instead of an object; kept in extra",
                )
        elif name == RELATION:
            # The other place of a relation is among the classifications.
            problems.keep_attribute(row, name, value)
            found.add(row, name, "relation", value)
        else:
            found.add(row, name, "attribute", value)


def _read_own(found: Answers, row: int, name: str, value: Json, problems: Problems) -> None:
    """Put a value into its column if it is of the column's kind; other tools use the names freely."""
    if value is None or OWN_KEYS[name](value):
        found.own[name][row] = value
    elif isinstance(value, str) and _TEXTS[name].fullmatch(value):
        problems.doubt(row, f"attributes/{name}", Code.COERCED, "a text, stored as the number it spells")
        problems.keep_attribute(row, name, value)
        found.own[name][row] = int(value) if name == "track_id" else float(value)
    else:
        problems.doubt(
            row, f"attributes/{name}", Code.WRONG_TYPE, f"{kind_of(value)}; stored as a free attribute"
        )
        found.add(row, name, "attribute", value)


def _answer_count(attributes: dict[str, Json]) -> int:
    answers = attributes.get("classifications")
    return len(attributes) + (len(answers) if isinstance(answers, dict) else 0)


def _nearest_double(value: float) -> float | None:
    # The exact number is in the text; beyond the doubles there is none.
    try:
        return float(value)
    except OverflowError:
        return None
