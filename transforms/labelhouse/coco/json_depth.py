"""How deep JSON values are nested."""

from labelhouse.coco.values import Json

_CONTAINERS = {dict, list}


def depth_of(value: Json) -> int:
    """Return how deep a value is nested; 0 for a scalar."""
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    if inside is None:
        return 0
    # Most containers hold only scalars; this check needs no call for each of them.
    if _CONTAINERS.isdisjoint(map(type, inside)):
        return 1
    return 1 + max(map(depth_of, inside))
