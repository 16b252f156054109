"""Write JSON values as text, one way everywhere."""

import json
from collections.abc import Sequence

import msgspec

from labelhouse.coco.values import Json
from labelhouse.texts.json_secrets import json_without_secrets
from labelhouse.texts.url_secrets import may_hold_secrets

# Keys are sorted: a reader that decodes many records at once does not know their original order.
_FAST = msgspec.json.Encoder(order="sorted")
_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True)


def json_text(value: Json) -> str:
    """Return the value as compact JSON, with URLs cut down to scheme, host and path.

    Numbers keep their value: integers exactly, others as the shortest text that reads back the same.
    """
    if isinstance(value, dict | list):
        try:
            return json_without_secrets(_FAST.encode(value).decode())
        except (OverflowError, RecursionError, UnicodeError):
            # The encoder below has no limits, so it takes integers beyond 64 bits.
            pass
    return json_without_secrets(_ENCODER.encode(value))


def json_texts(values: Sequence[dict[str, Json]]) -> list[str]:
    """Return json_text of each of many values, encoded at once."""
    try:
        text = _FAST.encode_lines(values).decode()
    except (OverflowError, RecursionError, UnicodeError):
        return list(map(json_text, values))
    lines = text.split("\n")[:-1]
    return list(map(json_without_secrets, lines)) if may_hold_secrets(text) else lines
