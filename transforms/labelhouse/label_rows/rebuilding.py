"""Write the parts of a label row again from what the columns of the tables say of them.

The reader writes each answer again while it reads it: what does not come out as it came goes to a patch,
which is stored in a column of JSON. So an export gives back what was loaded, whatever a row holds.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

from labelhouse.coco.values import Json
from labelhouse.label_rows.times import EPOCH, usual_text

Part: TypeAlias = dict[str, Any]
"""An object of a label row; an export has texts of JSON in place of some values."""

ABSENT = "#absent"
"""Key of a patch: the list of keys that the columns say and the row does not have."""
ON_FRAMES = "#on_frames"
"""Key of a patch of a classification that frames name: the patch of what they say of it."""


def patch(original: Mapping[str, Json], rebuilt: Mapping[str, Json]) -> Part:
    """Return what makes a rebuilt object equal to the original.

    >>> patch({"a": 1, "b": None}, {"a": 1.0, "b": 2, "c": 3})
    {'b': None, '#absent': ['c']}
    """
    changed: Part = {
        key: value
        for key, value in original.items()
        if key not in rebuilt or not is_same(value, rebuilt[key])
    }
    if absent := sorted(key for key in rebuilt if key not in original):
        changed[ABSENT] = absent
    return changed


def patched(rebuilt: Part, changes: Part) -> Part:
    """Return an object that a patch was made for; this empties the patch of its own keys.

    >>> patched({"a": 1.0, "b": 2, "c": 3}, {"b": None, "#absent": ["c"]})
    {'a': 1.0, 'b': None}
    """
    absent = changes.pop(ABSENT, ())
    changes.pop(ON_FRAMES, None)
    rebuilt.update(changes)
    for key in absent:
        rebuilt.pop(key, None)
    return rebuilt


def is_same(one: Json, other: Json) -> bool:
    """Return whether two values are the same in JSON, where 1 is 1.0 and not true.

    >>> is_same([1, {"a": None}], [1.0, {"a": None}]), is_same(1, True)
    (True, False)
    """
    if isinstance(one, dict):
        return (
            isinstance(other, dict)
            and one.keys() == other.keys()
            and all(is_same(value, other[key]) for key, value in one.items())
        )
    if isinstance(one, list):
        return (
            isinstance(other, list)
            and len(one) == len(other)
            and all(is_same(value, its) for value, its in zip(one, other, strict=True))
        )
    return one == other and isinstance(one, bool) == isinstance(other, bool)


class History(NamedTuple):
    """Who made and edited something, and when, in microseconds since 1970."""

    created_at: int | None
    created_by: str | None
    last_edited_at: int | None
    last_edited_by: str | None
    confidence: float | None
    manual_annotation: bool | None


def history(columns: History) -> Part:
    """Return the keys of a history; a column without a value has none."""
    created_at, created_by, last_edited_at, last_edited_by, confidence, manual = columns
    keys: Part = {}
    if created_at is not None:
        keys["createdAt"] = time_text(created_at)
    if created_by is not None:
        keys["createdBy"] = created_by
    if last_edited_at is not None:
        keys["lastEditedAt"] = time_text(last_edited_at)
    if last_edited_by is not None:
        keys["lastEditedBy"] = last_edited_by
    if confidence is not None:
        keys["confidence"] = confidence
    if manual is not None:
        keys["manualAnnotation"] = manual
    return keys


@lru_cache(maxsize=1 << 14)
def time_text(microseconds: int) -> str:
    """Return a time as the platform writes it, in whole seconds."""
    return usual_text(EPOCH + timedelta(microseconds=microseconds))


def code_name(name: str) -> str:
    """Return the name in code that Encord gives a class or question.

    >>> code_name("Traffic light")
    'traffic_light'
    """
    return name.lower().replace(" ", "_")


class StoredChoice(NamedTuple):
    """A row of answers: what one choice of an entry is."""

    value: Any
    option_hash: str | None
    option_value: str | None


def entry_object(
    name: str | None,
    feature_hash: str | None,
    flags: tuple[bool | None, bool | None],
    choices: Sequence[StoredChoice],
    ranges: Sequence[Json],
    *,
    is_action: bool,
) -> Part:
    """Return an entry of a list of answers; `flags` are manualAnnotation and dynamic."""
    entry: Part = {}
    if name is not None:
        entry["name"] = name
        entry["value"] = code_name(name)
    if feature_hash is not None:
        entry["featureHash"] = feature_hash
    entry["answers"] = _answers(choices)
    manual, dynamic = flags
    if manual is not None:
        entry["manualAnnotation"] = manual
    if dynamic is not None:
        entry["dynamic"] = dynamic
    if is_action or ranges:
        entry["range"] = list(ranges)
    return entry


def _answers(choices: Sequence[StoredChoice]) -> Any:
    """Return the value of a text or number, or the options that are chosen."""
    if len(choices) == 1 and choices[0].option_hash is None and choices[0].option_value is None:
        return choices[0].value
    return [_option(choice) for choice in choices]


def _option(choice: StoredChoice) -> Part:
    option: Part = {"name": choice.value}
    if choice.option_value is not None:
        option["value"] = choice.option_value
    if choice.option_hash is not None:
        option["featureHash"] = choice.option_hash
    return option


class StoredRange(NamedTuple):
    """A row of ranges: a value of a list of ranges, or None for all of it."""

    space: str | None
    value: Any
    is_html: bool


def placed_object(key: str, ranges: Iterable[StoredRange], answers: Sequence[Any]) -> Part:
    """Return the answer about an object that is on no frame, without what its label says."""
    own, html, spaces = _by_place(ranges)
    answer: Part = {"objectHash": key, "classifications": answers, "range": own}
    if html:
        answer["range_html"] = html
    if spaces:
        answer["spaces"] = spaces
    return answer


def classification_object(
    key: str,
    feature_hash: str | None,
    columns: History,
    ranges: Iterable[StoredRange],
    answers: Sequence[Any],
) -> Part:
    """Return the answer about a classification."""
    own, html, spaces = _by_place(ranges)
    answer: Part = {"classificationHash": key}
    if feature_hash is not None:
        answer["featureHash"] = feature_hash
    answer |= {**history(columns), "classifications": answers, "range": [*own, *html], "spaces": spaces}
    return answer


def classification_on_frame(key: str, feature_hash: str | None, name: str | None, columns: History) -> Part:
    """Return what a frame says of a classification."""
    one: Part = {"classificationHash": key, **history(columns)}
    if feature_hash is not None:
        one["featureHash"] = feature_hash
    if name is not None:
        one["name"] = name
        one["value"] = code_name(name)
    return one


def _by_place(ranges: Iterable[StoredRange]) -> tuple[list[Any], list[Any], dict[str, Part]]:
    """Return the ranges outside spaces, those of HTML among them, and those of each space."""
    own: list[Any] = []
    html: list[Any] = []
    spaces: dict[str, Part] = {}
    for space, value, is_html in ranges:
        if space is None:
            if value is not None:
                (html if is_html else own).append(value)
            continue
        place = spaces.setdefault(space, {"range": [], "type": "frame"})
        if value is not None:
            place["range"].append(value)
            if is_html:
                place["type"] = "html"
    return own, html, spaces
