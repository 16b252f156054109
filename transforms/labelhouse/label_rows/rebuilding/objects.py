"""Write the parts of a label row again from what the columns of the tables say of them."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from labelhouse.coco.values import Json
from labelhouse.label_rows.rebuilding.patches import Rebuilt
from labelhouse.label_rows.times import EPOCH, usual_text


class History(NamedTuple):
    """The author and last editor of something, and the times in microseconds since 1970."""

    created_at: int | None
    created_by: str | None
    last_edited_at: int | None
    last_edited_by: str | None
    confidence: float | None
    manual_annotation: bool | None


def history(columns: History) -> Rebuilt:
    """Return the keys of a history; a column without a value has none."""
    created_at, created_by, last_edited_at, last_edited_by, confidence, manual = columns
    keys: Rebuilt = {}
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
) -> Rebuilt:
    """Return an entry of a list of answers; `flags` are manualAnnotation and dynamic."""
    entry: Rebuilt = {}
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


def _option(choice: StoredChoice) -> Rebuilt:
    option: Rebuilt = {"name": choice.value}
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


def placed_object(key: str, ranges: Iterable[StoredRange], answers: Sequence[Any]) -> Rebuilt:
    """Return the answer about an object that is on no frame, without what its label says."""
    own, html, spaces = _by_place(ranges)
    answer: Rebuilt = {"objectHash": key, "classifications": answers, "range": own}
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
) -> Rebuilt:
    """Return the answer about a classification."""
    own, html, spaces = _by_place(ranges)
    answer: Rebuilt = {"classificationHash": key}
    if feature_hash is not None:
        answer["featureHash"] = feature_hash
    answer |= {**history(columns), "classifications": answers, "range": [*own, *html], "spaces": spaces}
    return answer


def classification_on_frame(
    key: str, feature_hash: str | None, name: str | None, columns: History
) -> Rebuilt:
    """Return what a frame says of a classification."""
    one: Rebuilt = {"classificationHash": key, **history(columns)}
    if feature_hash is not None:
        one["featureHash"] = feature_hash
    if name is not None:
        one["name"] = name
        one["value"] = code_name(name)
    return one


def _by_place(ranges: Iterable[StoredRange]) -> tuple[list[Any], list[Any], dict[str, Rebuilt]]:
    """Return the ranges outside spaces, those of HTML among them, and those of each space."""
    own: list[Any] = []
    html: list[Any] = []
    spaces: dict[str, Rebuilt] = {}
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
