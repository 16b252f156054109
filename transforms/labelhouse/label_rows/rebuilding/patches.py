"""Patches: what makes a part of a label row, written again from the tables, equal to what came.

The reader writes each part again while it reads it. What does not come out as it came goes to a patch, in a
column of JSON. So an export gives back what was loaded, whatever a row holds.
"""

from collections.abc import Mapping
from typing import Any, TypeAlias

from labelhouse.coco.values import Json

Rebuilt: TypeAlias = dict[str, Any]
"""An object of a label row; an export has texts of JSON in place of some values."""

ABSENT = "#absent"
"""Key of a patch: the list of keys that the columns say and the row does not have."""
ON_FRAMES = "#on_frames"
"""Key of a patch of a classification that frames name: the patch of what they say of it."""


def patch(original: Mapping[str, Json], rebuilt: Mapping[str, Json]) -> Rebuilt:
    """Return what makes a rebuilt object equal to the original.

    >>> patch({"a": 1, "b": None}, {"a": 1.0, "b": 2, "c": 3})
    {'b': None, '#absent': ['c']}
    """
    changed: Rebuilt = {
        key: value
        for key, value in original.items()
        if key not in rebuilt or not is_same(value, rebuilt[key])
    }
    if absent := sorted(key for key in rebuilt if key not in original):
        changed[ABSENT] = absent
    return changed


def patched(rebuilt: Rebuilt, changes: Rebuilt) -> Rebuilt:
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
