"""The answers of a label as the objects that they came from."""

from collections.abc import Sequence
from typing import Any, TypeAlias

import msgspec

from labelhouse.exporting.columns import Parts

Answer: TypeAlias = tuple[str, str, str | None, str]
"""Name, origin, value and value_type of a row of attributes."""

_RELATION = "#relation"


def answer_objects(answers: Sequence[Answer], inner: Parts | None) -> dict[str, Any]:
    """Return `attributes` with `classifications` in it; `inner` is the part of attributes in `extra`."""
    attributes: dict[str, Any] = {}
    classifications: dict[str, Any] = {}
    relation = None if inner is None else inner.get(_RELATION)
    for name, origin, text, kind in answers:
        value = text if kind == "string" or text is None else msgspec.Raw(text.encode())
        if origin == "attribute":
            attributes[name] = value
        elif origin == "relation" and relation is not None and _is_same(value, relation):
            # It was in attributes, and `extra` has it; an equal one may follow from classifications.
            relation = None
        else:
            classifications[name] = value
    if classifications:
        attributes["classifications"] = classifications
    return attributes


def _is_same(value: str | msgspec.Raw | None, text: msgspec.Raw) -> bool:
    return bool(msgspec.json.decode(msgspec.json.encode(value)) == msgspec.json.decode(text))
