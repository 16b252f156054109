"""Recognise what Encord alone writes."""

from labelhouse.coco.values import Json
from labelhouse.texts.names import UUID

LABEL_ROW_KEYS = frozenset(
    {
        *("label_hash", "data_units", "object_answers", "object_actions", "classification_answers"),
        *("dataset_hash", "annotation_task_status", "label_status", "is_shadow_data"),
    }
)
"""Keys of Encord's label rows that no object of COCO has."""

_KEYS = {"description", "contributor", "date_created", "url", "version", "year"}


def is_encord_info(info: Json) -> bool:
    """Return whether `info` has Encord's keys, of which only the description has a value."""
    return (
        isinstance(info, dict)
        and set(info) == _KEYS
        and all(value is None for key, value in info.items() if key != "description")
    )


def is_ontology(head: bytes) -> bool:
    """Return whether a text that begins with these bytes is an ontology of Encord's.

    >>> is_ontology(b'{"objects": [{"id": "1", "name": "car", "featureNodeHash": "a'), is_ontology(b"{}")
    (True, False)
    """
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    has_lists = b'"objects"' in text or b'"classifications"' in text
    return text.startswith(b"{") and has_lists and b'"featureNodeHash"' in text


def is_uuid(text: str) -> bool:
    """Return whether a text is a UUID, as all of Encord's data hashes are."""
    return UUID.fullmatch(text) is not None
