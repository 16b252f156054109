"""Turn the `attributes` of labels into columns of the label and rows of the table attributes."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

import numpy as np
import pyarrow as pa

from labelhouse.coco.json_text import json_text
from labelhouse.coco.values import MISSING, Json, Missing
from labelhouse.hashing.row_hashes import Hashes, mixed, named, segment_sums, value_hashes
from labelhouse.normalise.numbers import is_number
from labelhouse.normalise.problems import Problems
from labelhouse.normalise.scalars import INT64_MAX, INT64_MIN, INTEGER_TEXT, NUMBER_TEXT, kind_of, listed
from labelhouse.readers.events import AnswerColumns, AttributeColumns, BlockColumn, LabelAnswer
from labelhouse.reason_codes import ReasonCode
from labelhouse.schema.warehouse_tables import ATTRIBUTES
from labelhouse.texts.url_secrets import without_secrets


def is_track_id(value: object) -> bool:
    """Return whether a value names a track as it is: a whole number, or a text that spells none."""
    if isinstance(value, str):
        return bool(value.strip()) and INTEGER_TEXT.fullmatch(value) is None
    return type(value) is int and INT64_MIN <= value <= INT64_MAX


OWN_KEYS: Mapping[str, Callable[[Json], bool]] = {
    "track_id": is_track_id,
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
class NormalisedAnswers:
    """What the attributes of a block's labels say.

    `own` has one value per label for each of OWN_KEYS, and `angles` the attribute `angle`, by row. Labels
    with the same answers share a set of answers: `codes` has the set of each label, and `counts` how many
    answers each set has. The lists below have one entry per answer, set after set: they are columns of the
    table.
    """

    own: dict[str, list[Json | Missing]]
    angles: dict[int, Json] = field(default_factory=dict)
    codes: list[int] = field(default_factory=list)
    counts: list[int] = field(default_factory=lambda: [0])
    names: list[str] = field(default_factory=list)
    origins: list[str] = field(default_factory=list)
    values: list[str | None] = field(default_factory=list)
    value_types: list[str] = field(default_factory=list)
    numbers: list[float | None] = field(default_factory=list)
    booleans: list[bool | None] = field(default_factory=list)
    resolved: list[LabelAnswer] | None = None
    """The answers with the hashes of their questions and options, if a reader has resolved them."""
    instance_ids: dict[int, Json] = field(default_factory=dict)
    """Values of attributes.instance_id by row; they are answers too."""

    def begin_set(self) -> int:
        """Begin a set of answers and return its number; 0 is the empty set."""
        self.counts.append(0)
        return len(self.counts) - 1

    def add(self, name: str, origin: str, value: Json) -> None:
        """Add one answer to the set begun last."""
        self.counts[-1] += 1
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
            kind, text, boolean = "boolean", "true" if value else "false", value
        elif isinstance(value, int | float):
            kind, text, number = "number", json_text(value), _nearest_double(value)
        else:
            kind, text = "json", json_text(value)
        self.values.append(text)
        self.value_types.append(kind)
        self.numbers.append(number)
        self.booleans.append(boolean)

    def hashes(self) -> Hashes:
        """Return one hash per label of its answers; their order does not matter."""
        columns: dict[str, Sequence[str | None]] = {
            "name": self.names,
            "origin": self.origins,
            "value": self.values,
            "value_type": self.value_types,
        }
        # There are few texts: one array of all of them takes a third of the time that an array per column
        # takes.
        texts = pa.array(list(chain.from_iterable(columns.values())), pa.string())
        hashes = value_hashes(texts).reshape(len(columns), -1)
        of_columns = [named(name, its) for name, its in zip(columns, hashes, strict=True)]
        of_columns += [
            named(name, value_hashes(column)) for name, column in self._resolved().items() if len(column)
        ]
        of_answers = mixed(np.sum(of_columns, axis=0, dtype=np.uint64))
        return segment_sums(of_answers, np.asarray(self.counts))[np.asarray(self.codes, np.int64)]

    def batch(
        self, document_keys: pa.Array, positions: pa.Array, ids: pa.Array, good: pa.Array
    ) -> pa.RecordBatch:
        """Return the rows of the table attributes for the labels that are `good`."""
        codes = np.asarray(self.codes, np.int64)
        lengths = np.where(good.to_numpy(zero_copy_only=False), np.asarray(self.counts)[codes], 0)
        starts = np.cumsum(self.counts) - self.counts
        first = np.repeat(starts[codes] - (np.cumsum(lengths) - lengths), lengths)
        labels = pa.array(np.repeat(np.arange(len(codes)), lengths))
        answers = pa.array(first + np.arange(len(labels)))
        columns = [
            document_keys.take(labels),
            positions.take(labels),
            ids.take(labels),
            pa.array(self.names, pa.string()).take(answers),
            pa.array(self.origins, pa.string()).take(answers),
            pa.array(self.values, pa.string()).take(answers),
            pa.array(self.value_types, pa.string()).take(answers),
            pa.array(self.numbers, pa.float64()).take(answers),
            pa.array(self.booleans, pa.bool_()).take(answers),
        ]
        if self.resolved is None:
            return pa.record_batch(columns, schema=ATTRIBUTES.narrow_arrow)
        columns += [column.take(answers) for column in self._resolved().values()]
        return pa.record_batch(columns, schema=ATTRIBUTES.arrow)

    def _resolved(self) -> dict[str, pa.Array]:
        """Return the columns of the table that only resolved answers have."""
        if self.resolved is None:
            return {}
        texts = [
            ("feature_hash", [answer.feature_hash for answer in self.resolved]),
            ("option_hash", [answer.option_hash for answer in self.resolved]),
            ("parent_feature_hash", [answer.parent_feature_hash for answer in self.resolved]),
        ]
        columns = {name: pa.array(values, pa.string()) for name, values in texts}
        dynamic = [answer.is_dynamic for answer in self.resolved]
        return columns | {"dynamic": pa.array(dynamic, pa.bool_())}


def answers_of(column: BlockColumn, problems: Problems, max_attributes: int) -> NormalisedAnswers:
    """Read the attributes of each label; a value that is not an object goes to `extra` with an issue.

    The elements of a list are answers all the same.
    """
    if isinstance(column, AttributeColumns):
        return _answers_of_columns(column, problems, max_attributes)
    if isinstance(column, AnswerColumns):
        return _resolved_answers(column, problems, max_attributes)
    attributes = listed(column)
    answers = NormalisedAnswers({key: [MISSING] * len(attributes) for key in OWN_KEYS})
    for row, value in enumerate(attributes):
        answers.codes.append(answers.begin_set() if isinstance(value, dict | list) else 0)
        if isinstance(value, dict | list) and _answer_count(value) > max_attributes:
            problems.quarantine(
                row, "attributes", ReasonCode.LIMIT_ATTRIBUTES, f"more than {max_attributes:,} attributes"
            )
        elif isinstance(value, dict):
            _read(answers, row, value, problems)
        elif value is not None and value is not MISSING:
            problems.keep_in_extra(row, "attributes", value)
            what = "kept in extra"
            if isinstance(value, list):
                _read_list(answers, value)
                what = "its elements are stored as attributes"
            if value != []:
                message = f"{kind_of(value)} instead of an object; {what}"
                problems.add_issue(row, "attributes", ReasonCode.WRONG_TYPE, message)
    return answers


def _answers_of_columns(
    column: AttributeColumns, problems: Problems, max_attributes: int
) -> NormalisedAnswers:
    answers = NormalisedAnswers(dict(column.own))
    # Objects of the column live as long as it does, so their ids distinguish them.
    ids = list(map(id, column.classifications))
    codes: dict[int, int] = {}
    odd: set[int] = set()
    for key, value in dict(zip(ids, column.classifications, strict=True)).items():
        codes[key] = 0
        # Nearly always there is room for all of Encord's keys, and no count is needed.
        key_count = len(value) if isinstance(value, dict) else 0
        if (
            value is not MISSING and not isinstance(value, dict)
        ) or key_count + _OWN_COUNT >= max_attributes:
            odd.add(key)
        elif isinstance(value, dict) and value:
            codes[key] = answers.begin_set()
            _read(answers, 0, {"classifications": value}, problems)
    answers.codes = [codes[key] for key in ids]
    if odd:
        for row, key in enumerate(ids):
            if key in odd:
                answers.codes[row] = _odd_code(answers, column, row, problems, max_attributes)
    return answers


def _resolved_answers(column: AnswerColumns, problems: Problems, max_attributes: int) -> NormalisedAnswers:
    answers = NormalisedAnswers(dict(column.own), resolved=[])
    assert answers.resolved is not None
    codes = []
    too_many: set[int] = set()
    for index, one in enumerate(column.sets):
        codes.append(answers.begin_set() if one else 0)
        if len(one) > max_attributes:
            too_many.add(index)
            continue
        for answer in one:
            answers.add(answer.name, "classification", answer.value)
        answers.resolved += one
    answers.codes = [codes[index] for index in column.codes]
    for row, index in enumerate(column.codes) if too_many else ():
        if index in too_many:
            message = f"more than {max_attributes:,} attributes"
            problems.quarantine(row, "attributes", ReasonCode.LIMIT_ATTRIBUTES, message)
    return answers


def _odd_code(
    answers: NormalisedAnswers, column: AttributeColumns, row: int, problems: Problems, max_attributes: int
) -> int:
    """Return the set of answers of one label whose classifications are not an object, or are very many."""
    value = column.classifications[row]
    if _key_count(column, row) + (len(value) if isinstance(value, dict) else 0) > max_attributes:
        problems.quarantine(
            row, "attributes", ReasonCode.LIMIT_ATTRIBUTES, f"more than {max_attributes:,} attributes"
        )
        return 0
    if value is MISSING:
        return 0
    code = answers.begin_set()
    _read(answers, row, {"classifications": value}, problems)
    return code


_OWN_COUNT = len(OWN_KEYS) + 1


def _key_count(column: AttributeColumns, row: int) -> int:
    values = [column.classifications[row], *(values[row] for values in column.own.values())]
    return sum(value is not MISSING for value in values)


def _read(answers: NormalisedAnswers, row: int, attributes: dict[str, Json], problems: Problems) -> None:
    for name, value in attributes.items():
        if name in answers.own:
            _read_own(answers, row, name, value, problems)
        elif name == "classifications" and isinstance(value, dict):
            for question, answer in value.items():
                origin = "relation" if question == RELATION else "classification"
                answers.add(question, origin, answer)
        elif name == "classifications":
            problems.keep_attribute_in_extra(row, name, value)
            if value is not None:
                problems.add_issue(
                    row,
                    "attributes/classifications",
                    ReasonCode.WRONG_TYPE,
                    f"{kind_of(value)} instead of an object; kept in extra",
                )
        elif name == RELATION:
            # Relations also occur among the classifications; `extra` records this place.
            problems.keep_attribute_in_extra(row, name, value)
            answers.add(name, "relation", value)
        else:
            if name == "angle":
                answers.angles[row] = value
            answers.add(name, "attribute", value)
            if name == "instance_id":
                answers.instance_ids[row] = value


def _read_list(answers: NormalisedAnswers, elements: list[Json]) -> None:
    """Add the elements of a list of attributes: objects with a name and a value, or values without a name.

    Values without a name are answers named `attributes`. Any other object has a name per key.
    """
    for element in elements:
        if not isinstance(element, dict):
            answers.add("attributes", "attribute", element)
        elif "value" in element and isinstance(name := element.get("name", element.get("key")), str):
            answers.add(name, "attribute", element["value"])
        else:
            for name, value in element.items():
                answers.add(name, "attribute", value)


def _read_own(answers: NormalisedAnswers, row: int, name: str, value: Json, problems: Problems) -> None:
    """Put a value into its column if it is of the column's kind; other tools use the names freely."""
    if value is None or OWN_KEYS[name](value):
        answers.own[name][row] = value
    elif isinstance(value, str) and _TEXTS[name].fullmatch(value):
        problems.add_issue(
            row, f"attributes/{name}", ReasonCode.COERCED, "a text, stored as the number it spells"
        )
        problems.keep_attribute_in_extra(row, name, value)
        answers.own[name][row] = int(value) if name == "track_id" else float(value)
    else:
        problems.add_issue(
            row,
            f"attributes/{name}",
            ReasonCode.WRONG_TYPE,
            f"{kind_of(value)}; stored as a free attribute",
        )
        answers.add(name, "attribute", value)


def _answer_count(attributes: dict[str, Json] | list[Json]) -> int:
    if isinstance(attributes, list):
        return sum(len(element) if isinstance(element, dict) else 1 for element in attributes)
    answers = attributes.get("classifications")
    return len(attributes) + (len(answers) if isinstance(answers, dict) else 0)


def _nearest_double(value: float) -> float | None:
    # The text holds the exact number. There is no double beyond the range of doubles.
    try:
        return float(value)
    except OverflowError:
        return None
