"""What a label row looks like beside its values: the order of its parts, and keys of frames.

The order of data units and answers gives images and answers their positions. An export needs it to give
back a row that loads as the same document.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from labelhouse.coco.values import Json
from labelhouse.label_rows.classifications import RowClassifications
from labelhouse.label_rows.row_parts import RowObject

_LISTS = ("objects", "classifications")

UnitLayout: TypeAlias = list[Json]
"""Key of a unit, form of its labels, number of its images, and its content if there is any.

The form is `frames` (by their keys), `image` (of its only image), `flat` (objects that are on neither), or
null without labels.
"""


@dataclass(slots=True)
class Layout:
    """The layout of one row, as it becomes known."""

    units: dict[str, list[UnitLayout]] = field(default_factory=dict)
    answers: dict[str, list[Json]] = field(default_factory=dict)
    """Keys of object_answers and object_actions, in order."""
    aliases: dict[str, Json] = field(default_factory=dict)
    """Object hashes of objects without frames whose answer has another key."""

    def add_unit(self, parent: str, key: str, form: str | None, images: int, content: RowObject) -> None:
        """Add a data unit or space."""
        unit: UnitLayout = [key, form, images]
        self.units.setdefault(parent, []).append([*unit, content] if content else unit)

    def value(self, sections: Sequence[str], classifications: int) -> RowObject:
        """Return the layout as JSON.

        `sections` are those that the row has. The first `classifications` ones have an answer.
        """
        return {
            "sections": list(sections),
            **{parent: list(units) for parent, units in self.units.items()},
            **self.answers,
            "classification_answers": classifications,
            **({"aliases": self.aliases} if self.aliases else {}),
        }


def frame_content(values: Mapping[str, Json], classifications: RowClassifications) -> RowObject:
    """Return what a frame has beside its objects; empty for the usual one.

    `absent` are lists that it lacks, `classifications` hashes (or what differs from the first frame, in a
    list), and `other` its other keys.
    """
    objects, own = values.get("objects"), values.get("classifications")
    if len(values) == 2 and own == [] and objects.__class__ is list:
        return {}
    content: RowObject = {}
    other = {
        key: value
        for key, value in values.items()
        if key not in _LISTS or (value.__class__ is not list and (key != "objects" or value is None))
    }
    absent = [key for key in _LISTS if not isinstance(values.get(key), list) and key not in other]
    if absent:
        content["absent"] = absent  # type: ignore[assignment]
    if isinstance(own, list) and own:
        content["classifications"] = [classifications.reference(one) for one in own]
    if other:
        content["other"] = other
    return content


def joined(content: RowObject, more: RowObject, *, is_first: bool) -> RowObject:
    """Join the content of two parts of one frame."""
    if is_first:
        return more
    both: RowObject = {}
    absent = [key for key in _LISTS if key in _list(content, "absent") and key in _list(more, "absent")]
    if absent:
        both["absent"] = absent  # type: ignore[assignment]
    if own := [*_list(content, "classifications"), *_list(more, "classifications")]:
        both["classifications"] = own
    others = [one for one in (content.get("other"), more.get("other")) if isinstance(one, dict)]
    if others:
        both["other"] = {key: value for one in others for key, value in one.items()}
    return both


def _list(content: RowObject, key: str) -> list[Json]:
    value = content.get(key)
    return value if isinstance(value, list) else []
