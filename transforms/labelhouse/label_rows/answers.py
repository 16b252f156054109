"""Resolve the answers of label rows by the hashes of their attributes and options, never by their names."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from labelhouse.coco.json_text import json_text
from labelhouse.coco.values import Json
from labelhouse.label_rows.ontology import Attribute, Ontology
from labelhouse.label_rows.rebuilding.objects import StoredChoice, entry_object
from labelhouse.label_rows.rebuilding.patches import Rebuilt, patch
from labelhouse.readers.events import LabelAnswer
from labelhouse.texts.url_secrets import without_secrets


class Choice(NamedTuple):
    """One chosen option, or the value of a text or number; `name` is that of its attribute."""

    name: str
    value: Json
    option_hash: str | None = None
    option_value: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a list of answers: what it chooses, and its attribute if that is known."""

    feature_hash: str | None
    attribute: Attribute | None
    choices: Sequence[Choice]
    ranges: Json
    source: Mapping[str, Json]
    is_manual: bool | None
    is_dynamic: bool | None


def entries_of(answers: Json, ontology: Ontology) -> Iterator[Entry]:
    """Yield the entries of a list of answers; other values than objects have no entry."""
    for answer in answers if isinstance(answers, list) else ():
        if isinstance(answer, dict):
            yield _entry(answer, ontology)


def _entry(answer: Mapping[str, Json], ontology: Ontology) -> Entry:
    feature_hash = answer.get("featureHash")
    attribute = ontology.attributes.get(feature_hash) if isinstance(feature_hash, str) else None
    own_name = answer.get("name")
    name = attribute.name if attribute else own_name if isinstance(own_name, str) else ""
    value = answer.get("answers")
    if isinstance(value, list):
        choices = [_choice(name, one, attribute) for one in value]
    else:
        choices = [Choice(name, value)]
    manual, dynamic = answer.get("manualAnnotation"), answer.get("dynamic")
    return Entry(
        feature_hash if isinstance(feature_hash, str) else None,
        attribute,
        choices,
        answer.get("range"),
        answer,
        manual if isinstance(manual, bool) else None,
        dynamic if isinstance(dynamic, bool) else None,
    )


def _choice(name: str, one: Json, attribute: Attribute | None) -> Choice:
    if not isinstance(one, dict):
        return Choice(name, one)
    option_hash, label, value = one.get("featureHash"), one.get("name"), one.get("value")
    option = attribute.options.get(option_hash) if attribute and isinstance(option_hash, str) else None
    return Choice(
        name,
        option.label if option else label,
        option_hash if isinstance(option_hash, str) else None,
        value if isinstance(value, str) else None,
    )


def label_answers(
    entries: Sequence[Entry], attributes: Sequence[Attribute], ontology: Ontology
) -> tuple[LabelAnswer, ...]:
    """Return the answers of a label as COCO names them, with a null for each attribute without an answer.

    A radio has the name of its attribute and its option as value, a checklist one boolean an option. A
    question that is answered several times has its last answer. Attributes below an option, which COCO
    leaves out, have their answers too.
    """
    by_hash: dict[str, list[Entry]] = {}
    named_answers: list[LabelAnswer] = []
    for entry in entries:
        if entry.attribute is None:
            named_answers += [
                LabelAnswer(c.name, c.value, entry.feature_hash, c.option_hash, None, entry.is_dynamic)
                for c in entry.choices
            ]
        else:
            by_hash.setdefault(entry.attribute.feature_hash, []).append(entry)
    for attribute in attributes:
        named_answers += _answers(attribute, by_hash.pop(attribute.feature_hash, ()))
    for others in by_hash.values():
        attribute_of = others[0].attribute
        assert attribute_of is not None
        named_answers += _answers(attribute_of, others)
    return tuple(named_answers)


def _answers(attribute: Attribute, entries: Sequence[Entry]) -> Iterator[LabelAnswer]:
    feature_hash, is_dynamic = attribute.feature_hash, attribute.is_dynamic
    parent = attribute.parent if attribute.is_nested else None
    if attribute.kind == "checklist":
        # The platform writes an action for each option of a dynamic checklist.
        choices = [choice for entry in entries for choice in entry.choices]
        chosen = {choice.option_hash for choice in choices}
        for option in attribute.options.values():
            is_chosen = option.feature_hash in chosen
            yield LabelAnswer(
                option.label, is_chosen, feature_hash, option.feature_hash, parent, is_dynamic
            )
        for choice in choices:
            if choice.option_hash not in attribute.options and isinstance(choice.value, str):
                yield LabelAnswer(choice.value, True, feature_hash, choice.option_hash, parent, is_dynamic)
        return
    last = [choice for entry in entries[-1:] for choice in entry.choices[:1]]
    choice = last[0] if last else Choice(attribute.name, None)
    yield LabelAnswer(attribute.name, choice.value, feature_hash, choice.option_hash, parent, is_dynamic)


def answer_rows(entry: Entry, owner: str, owner_hash: str, number: int) -> Iterator[dict[str, Any]]:
    """Yield the rows of the table answers for an entry: one a choice, or one that has no value."""
    attribute = entry.attribute
    changes = patch(entry.source, _rebuilt(entry, is_action=owner == "action"))
    rest = json_text(changes) if changes else None
    for choice in entry.choices or [Choice("", None)]:
        yield {
            "owner": owner,
            "owner_hash": owner_hash,
            "entry": number,
            "name": without_secrets(attribute.name if attribute else choice.name),
            **_typed(choice.value),
            "feature_hash": entry.feature_hash,
            "option_hash": choice.option_hash,
            "option_value": choice.option_value and without_secrets(choice.option_value),
            "parent_feature_hash": attribute.parent if attribute else None,
            "manual_annotation": entry.is_manual,
            "dynamic": entry.is_dynamic,
            "choices": len(entry.choices),
            "extra": rest,
        }
        rest = None


def _rebuilt(entry: Entry, *, is_action: bool) -> Rebuilt:
    """Return the entry as the columns give it back."""
    attribute, choices = entry.attribute, entry.choices or [Choice("", None)]
    return entry_object(
        attribute.name if attribute else choices[0].name,
        entry.feature_hash,
        (entry.is_manual, entry.is_dynamic),
        [StoredChoice(each.value, each.option_hash, each.option_value) for each in entry.choices],
        entry.ranges if isinstance(entry.ranges, list) else (),
        is_action=is_action,
    )


def _typed(value: Json) -> dict[str, Any]:
    if isinstance(value, str):
        return {"value": without_secrets(value), "value_type": "string", "value_number": None}
    if value is None:
        return {"value": None, "value_type": "null", "value_number": None}
    if isinstance(value, bool):
        return {"value": json_text(value), "value_type": "boolean", "value_number": None}
    if isinstance(value, int | float):
        try:
            number = float(value)
        except OverflowError:
            number = None
        return {"value": json_text(value), "value_type": "number", "value_number": number}
    return {"value": json_text(value), "value_type": "json", "value_number": None}
