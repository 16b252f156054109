"""How deep JSON values are nested."""

from labelhouse.reader import Json


def depth_of(value: Json) -> int:
    """Return how deep a value is nested; a scalar is not."""
    if isinstance(value, dict):
        return 1 + max(map(depth_of, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(depth_of, value), default=0)
    return 0
