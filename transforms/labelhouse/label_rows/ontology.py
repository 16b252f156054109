"""An Encord ontology: its objects, classifications, attributes and options, found by their hashes."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from labelhouse.coco.json_text import json_text
from labelhouse.coco.values import Json
from labelhouse.errors import InputError
from labelhouse.reason_codes import ReasonCode
from labelhouse.texts.url_secrets import without_secrets

NOT_IN_COCO = ("audio", "text")
"""Shapes of objects that Encord's COCO export does not list among its categories."""


@dataclass(frozen=True, slots=True)
class Option:
    """An option of a radio or checklist attribute."""

    feature_hash: str
    label: str


@dataclass(frozen=True, slots=True)
class Attribute:
    """A question about an object or classification; `parent` is the hash of what it belongs to."""

    feature_hash: str
    parent: str
    name: str
    kind: str
    is_dynamic: bool
    options: Mapping[str, Option]
    is_nested: bool


@dataclass(frozen=True, slots=True)
class OntologyObject:
    """A class of objects, with its own attributes; those below an option are not among them."""

    feature_hash: str
    name: str
    shape: str
    color: str
    attributes: Sequence[Attribute]


@dataclass(frozen=True, slots=True)
class OntologyClassification:
    """A class of classifications."""

    feature_hash: str
    name: str
    level: str | None


@dataclass(slots=True)
class Ontology:
    """An ontology; `key` is a hash of its content, and `rows` are those of the table ontology."""

    key: str | None = None
    objects: dict[str, OntologyObject] = field(default_factory=dict)
    classifications: dict[str, OntologyClassification] = field(default_factory=dict)
    attributes: dict[str, Attribute] = field(default_factory=dict)
    rows: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def of(cls, text: bytes) -> "Ontology":
        """Read an ontology as OntologyStructure.to_dict() or the API's editorOntology gives it.

        Raises InputError for another text.
        """
        try:
            value = msgspec.json.decode(text.removeprefix(b"\xef\xbb\xbf"))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise _no_ontology("not valid JSON") from None
        if isinstance(value, dict) and isinstance(value.get("editorOntology"), dict):
            value = value["editorOntology"]
        if not isinstance(value, dict) or not isinstance(value.get("objects"), list):
            raise _no_ontology("no list of objects")
        ontology = cls(hashlib.sha256(json_text(value).encode()).hexdigest()[:32])
        for one in _dicts(value["objects"]):
            ontology._add_object(one)
        for one in _dicts(value.get("classifications")):
            ontology._add_classification(one)
        rest = {key: rest for key, rest in value.items() if key not in ("objects", "classifications")}
        if any(rest.values()):
            ontology._add_row("ontology", None, {}, rest, ())
        return ontology

    def _add_object(self, one: dict[str, Json]) -> None:
        feature_hash = _text(one, "featureNodeHash")
        self._add_row("object", None, one, one, (*_NAMED, "shape", "attributes"))
        attributes = [
            self._add_attribute(each, feature_hash, is_nested=False)
            for each in _dicts(one.get("attributes"))
        ]
        self.objects[feature_hash] = OntologyObject(
            feature_hash, _text(one, "name"), _text(one, "shape"), _text(one, "color"), attributes
        )

    def _add_classification(self, one: dict[str, Json]) -> None:
        feature_hash = _text(one, "featureNodeHash")
        level = one.get("level")
        attributes = _dicts(one.get("attributes"))
        name = _text(attributes[0], "name") if attributes else ""
        self._add_row("classification", None, {**one, "name": name}, one, (*_NAMED, "level", "attributes"))
        for each in attributes:
            self._add_attribute(each, feature_hash, is_nested=False)
        self.classifications[feature_hash] = OntologyClassification(
            feature_hash, name, level if isinstance(level, str) else None
        )

    def _add_attribute(self, one: dict[str, Json], parent: str, *, is_nested: bool) -> Attribute:
        feature_hash = _text(one, "featureNodeHash")
        self._add_row("attribute", parent, one, one, (*_NAMED, "type", "dynamic", "options"))
        options = {}
        for each in _dicts(one.get("options")):
            option = Option(_text(each, "featureNodeHash"), _text(each, "label"))
            options[option.feature_hash] = option
            self._add_row(
                "option",
                feature_hash,
                {**each, "name": each.get("label")},
                each,
                (*_NAMED, "label", "options"),
            )
            for nested in _dicts(each.get("options")):
                self._add_attribute(nested, option.feature_hash, is_nested=True)
        attribute = Attribute(
            feature_hash,
            parent,
            _text(one, "name"),
            _text(one, "type"),
            one.get("dynamic") is True,
            options,
            is_nested,
        )
        self.attributes[feature_hash] = attribute
        return attribute

    def _add_row(
        self,
        kind: str,
        parent: str | None,
        named: dict[str, Json],
        one: dict[str, Json],
        known: Sequence[str],
    ) -> None:
        def text(key: str) -> str | None:
            value = named.get(key)
            return without_secrets(value) if isinstance(value, str) else None

        def flag(key: str) -> bool | None:
            value = named.get(key)
            return value if isinstance(value, bool) else None

        rest = {
            key: value
            for key, value in one.items()
            if key not in known or (key in _SCALARS and not isinstance(value, str | bool))
        }
        self.rows.append(
            {
                "ontology": self.key,
                "position": len(self.rows),
                "kind": kind,
                "feature_hash": text("featureNodeHash"),
                "parent_feature_hash": parent,
                "name": text("name"),
                "value": text("value"),
                "shape": text("shape"),
                "type": text("type"),
                "level": text("level"),
                "color": text("color"),
                "required": flag("required"),
                "dynamic": flag("dynamic"),
                "archived": flag("archived"),
                "extra": json_text(rest) if rest else None,
            }
        )


_NAMED = ("featureNodeHash", "name", "value", "color", "required", "archived")
_SCALARS = {*_NAMED, "shape", "type", "level", "dynamic", "label"}


def _dicts(value: Json) -> list[dict[str, Json]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _text(one: Mapping[str, Json], key: str) -> str:
    value = one.get(key)
    return value if isinstance(value, str) else ""


def _no_ontology(what: str) -> InputError:
    return InputError(
        ReasonCode.NOT_AN_EXPORT,
        f"no ontology of Encord's: {what}",
        remedy="save OntologyStructure.to_dict(), or editorOntology of the project",
    )


def categories_of(ontology: Ontology) -> Iterator[OntologyObject]:
    """Yield the classes in the order of COCO's categories, and behind them those that COCO leaves out."""
    every = list(ontology.objects.values())
    yield from (one for one in every if one.shape not in NOT_IN_COCO)
    yield from (one for one in every if one.shape in NOT_IN_COCO)
