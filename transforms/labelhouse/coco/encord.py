"""Recognise what Encord alone writes."""

from labelhouse.coco.values import Json
from labelhouse.texts.names import UUID

_KEYS = {"description", "contributor", "date_created", "url", "version", "year"}


def is_encord_info(info: Json) -> bool:
    """Return whether `info` has Encord's keys, of which only the description has a value."""
    return (
        isinstance(info, dict)
        and set(info) == _KEYS
        and all(value is None for key, value in info.items() if key != "description")
    )


def is_uuid(text: str) -> bool:
    """Return whether a text is a UUID, as all of Encord's data hashes are."""
    return UUID.fullmatch(text) is not None
