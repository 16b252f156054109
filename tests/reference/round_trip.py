"""What an export has to say, derived from the input's JSON alone."""

import io
import json
from pathlib import Path
from typing import Any

from labelhouse.exporting.run import ExportOptions, export
from labelhouse.texts.url_secrets import location, without_secrets


def exported(warehouse: Path, **options: Any) -> Any:
    """Export into memory and return the JSON value."""
    return json.loads(exported_bytes(warehouse, **options))


def exported_bytes(warehouse: Path, **options: Any) -> bytes:
    """Export into memory and return the text."""
    out = io.BytesIO()
    summary = export(warehouse, lambda: out, ExportOptions(**options))
    assert summary.bytes == len(out.getvalue())
    return out.getvalue()


def expected(document: Any) -> Any:
    """Return a document with the secret parts of URLs left out."""
    clean = _without_secrets(document)
    for image in clean.get("images") or []:
        if isinstance(image.get("coco_url"), str):
            image["coco_url"] = location(image["coco_url"])
    return clean


def documents_of(path: Path) -> list[Any]:
    """Return the documents of a JSON file; an object is a list of one."""
    value = json.loads(path.read_text(encoding="utf-8-sig"))
    return value if isinstance(value, list) else [value]


def difference(left: Any, right: Any, pointer: str = "") -> str | None:
    """Return where two JSON values differ first; True and 1 do, 1 and 1.0 do not."""
    if isinstance(left, dict) and isinstance(right, dict):
        if left.keys() != right.keys():
            return f"{pointer}: keys {sorted(left.keys() ^ right.keys())}"
        parts = ((key, left[key], right[key]) for key in left)
    elif isinstance(left, list) and isinstance(right, list):
        if len(left) != len(right):
            return f"{pointer}: {len(left)} and {len(right)} elements"
        parts = ((str(i), a, b) for i, (a, b) in enumerate(zip(left, right, strict=True)))
    else:
        same = left == right and isinstance(left, bool) == isinstance(right, bool)
        return None if same else f"{pointer}: {left!r} and {right!r}"
    differences = (difference(a, b, f"{pointer}/{key}") for key, a, b in parts)
    return next((one for one in differences if one is not None), None)


def _without_secrets(value: Any) -> Any:
    if isinstance(value, str):
        return without_secrets(value)
    if isinstance(value, list):
        return [_without_secrets(item) for item in value]
    if isinstance(value, dict):
        return {without_secrets(key): _without_secrets(item) for key, item in value.items()}
    return value
