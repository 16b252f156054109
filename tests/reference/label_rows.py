"""What the tables must hold of a label row; read with json.loads alone, it shares no code with them."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

Row = dict[str, Any]
#: Keys of geometries that are not named as their shape.
GEOMETRY = {"bounding_box": "boundingBox", "rotatable_bounding_box": "rotatableBoundingBox"}


def load(path: Path) -> Any:
    """Read a JSON file."""
    return json.loads(path.read_text(encoding="utf-8"))


def time_of(text: str | None) -> datetime | None:
    """Read a time of any of the forms that rows have."""
    if text is None:
        return None
    if "," in text:
        return parsedate_to_datetime(text.replace("UTC", "GMT")).astimezone(UTC)
    time = datetime.fromisoformat(text)
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


class Ontology:
    """Names by hash."""

    def __init__(self, value: Row | None) -> None:
        self.objects: dict[str, Row] = {}
        self.classifications: dict[str, Row] = {}
        self.attributes: dict[str, Row] = {}
        self.options: dict[str, str] = {}
        self.count = 0
        for one in (value or {}).get("objects", []):
            self.count += 1
            self.objects[one["featureNodeHash"]] = one
            self._attributes(one.get("attributes", []))
        for one in (value or {}).get("classifications", []):
            self.count += 1
            self.classifications[one["featureNodeHash"]] = one
            self._attributes(one["attributes"])

    def _attributes(self, attributes: list[Row]) -> None:
        for attribute in attributes:
            self.count += 1
            self.attributes[attribute["featureNodeHash"]] = attribute
            for option in attribute.get("options", []):
                self.count += 1
                self.options[option["featureNodeHash"]] = option["label"]
                self._attributes(option.get("options", []))


def frames_of(row: Row) -> Iterator[tuple[str | None, str, str, Row]]:
    """Yield space (or None), unit, frame and content of each frame."""
    for parent in ("data_units", "spaces"):
        for key, unit in (row.get(parent) or {}).items():
            labels = unit.get("labels") or {}
            space = key if parent == "spaces" else None
            if "objects" in labels or "classifications" in labels:
                yield space, key, "", labels
            else:
                for frame, content in labels.items():
                    yield space, key, frame, content


def labels_of(row: Row) -> list[tuple[str | None, str, str, Row]]:
    """Return space, unit, frame and object of each label, with those that are on no frame at the end."""
    facts = [
        (space, unit, frame, label)
        for space, unit, frame, content in frames_of(row)
        for label in content.get("objects") or []
    ]
    seen = {label["objectHash"] for *_, label in facts}
    for key, answer in row["object_answers"].items():
        if key not in seen and "shape" in answer:
            whole = {
                k: v
                for k, v in answer.items()
                if k not in ("classifications", "range", "range_html", "spaces")
            }
            facts += [(space, "", "", whole) for space in answer.get("spaces") or {None: 0}]
    return facts


def answers_of(row: Row, ontology: Ontology) -> list[tuple[Any, ...]]:
    """Return owner, hash, entry, name, value, option and ranges of each choice."""
    facts: list[tuple[Any, ...]] = []
    for owner, section, key in (
        ("object", "object_answers", "classifications"),
        ("action", "object_actions", "actions"),
        ("classification", "classification_answers", "classifications"),
    ):
        for owner_hash, answers in (row.get(section) or {}).items():
            for entry, answer in enumerate(answers[key]):
                attribute = ontology.attributes.get(answer["featureHash"], answer)
                answered = answer["answers"]
                choices = answered if isinstance(answered, list) else [answered]
                for choice in choices or [None]:
                    option = choice["featureHash"] if isinstance(choice, dict) else None
                    value = ontology.options.get(option, choice["name"]) if option else choice
                    ranges = tuple(map(tuple, answer.get("range") or []))
                    facts.append((owner, owner_hash, entry, attribute["name"], value, option, ranges))
    return facts


def classifications_of(row: Row) -> dict[str, tuple[Row, list[tuple[str | None, int, int]]]]:
    """Return the values of each classification, and its ranges with their spaces."""
    frames: dict[str, list[tuple[str | None, int]]] = {}
    values: dict[str, Row] = {}
    sequence = {
        key: int(unit["data_sequence"])
        for key, unit in row["data_units"].items()
        if "data_sequence" in unit
    }
    for space, unit, frame, content in frames_of(row):
        for one in content.get("classifications") or []:
            key = one["classificationHash"]
            values.setdefault(key, one)
            number = int(frame) if frame else sequence.get(unit, 0)
            frames.setdefault(key, []).append((space, number))
    facts: dict[str, tuple[Row, list[tuple[str | None, int, int]]]] = {}
    for key in [*row["classification_answers"], *values]:
        answer = row["classification_answers"].get(key, {})
        ranges: list[tuple[str | None, Any, Any]] = []
        ranges += [(None, start, end) for start, end in answer.get("range") or []]
        for space, place in (answer.get("spaces") or {}).items():
            ranges += [(space, *pair) for pair in place["range"]] or [(space, None, None)]
        if not ranges:
            ranges = joined(frames.get(key, []))
        facts[key] = {**values.get(key, {}), **answer}, ranges
    return facts


def joined(frames: list[tuple[str | None, int]]) -> list[tuple[str | None, int, int]]:
    """Join frames that follow each other."""
    facts: list[tuple[str | None, int, int]] = []
    for space, frame in sorted(set(frames), key=lambda each: (str(each[0]), each[1])):
        if facts and facts[-1][0] == space and facts[-1][2] == frame - 1:
            facts[-1] = (space, facts[-1][1], frame)
        else:
            facts.append((space, frame, frame))
    return facts
