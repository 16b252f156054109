"""Write JSON values as text, one way everywhere."""

import json

from labelhouse.reader import Json
from labelhouse.urls import without_secrets

# Keys in order: a reader that decodes many records at once does not know in which they came.
_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True)


def json_text(value: Json) -> str:
    """Return the value as compact JSON, with URLs cut down to scheme, host and path.

    Numbers keep their value: integers exactly, others as the shortest text that reads back the same.
    """
    return without_secrets(_ENCODER.encode(value))
