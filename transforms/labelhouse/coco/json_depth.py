"""How deep JSON values are nested."""

from labelhouse.coco.values import Json

_CONTAINERS = {dict, list}


def depth_of(value: Json) -> int:
    """Return how deep a value is nested; a scalar is not."""
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    if inside is None:
        return 0
    # Most hold nothing but scalars, which is seen without a call each.
    if _CONTAINERS.isdisjoint(map(type, inside)):
        return 1
    return 1 + max(map(depth_of, inside))
