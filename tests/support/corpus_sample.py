"""The files of the corpus that the short set reads: together they have every feature of the corpus."""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

SAMPLE = frozenset(Path(__file__).with_suffix(".txt").read_text(encoding="utf-8").splitlines())
"""Files of the folders `real` and `bad`, small ones where they do; of other folders all are read."""

Feature = tuple[str, ...]

_SECTIONS = ("images", "annotations", "categories")
_KEYS = frozenset([
    "id", "image_id", "category_id", "bbox", "area", "segmentation", "iscrowd", "keypoints",
    "num_keypoints", "attributes", "caption", "file_name", "width", "height", "license", "name",
    "supercategory", "skeleton", "counts", "size", "track_id", "score", "coco_url", "flickr_url",
    "date_captured", "isbbox",
])  # fmt: skip
_SIZES = (10_000, 100_000, 1_000_000)


def features(data: bytes) -> set[Feature]:
    """Return what of a file a reader could treat in a way of its own: keys, types, order, encoding."""
    collected: set[Feature] = {("bytes", str(sum(len(data) >= size for size in _SIZES)))}
    if data.startswith(b"\xef\xbb\xbf"):
        collected.add(("byte order mark",))
    if re.search(rb'\n\s+"', data[:400]):
        collected.add(("indented",))
    if b"\\u" in data:
        collected.add(("escapes",))
    if not data.isascii():
        collected.add(("no ASCII",))
    try:
        value = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        return collected | {("no JSON", type(error).__name__)}
    documents = value if isinstance(value, list) else [value]
    collected.add(("container", type(value).__name__, str(min(len(documents), 2))))
    return collected.union(*(_of_document(document) for document in documents))


def _of_document(document: Any) -> set[Feature]:
    if not isinstance(document, dict):
        return {("document", _kind(document))}
    collected: set[Feature] = {("order", *(key for key in document if key in _SECTIONS))}
    for key, value in document.items():
        if key in _SECTIONS and isinstance(value, list):
            collected.add((key, "some" if value else "none"))
            collected.update(*(_of_record(key, record) for record in value))
        else:
            collected.add(("top level", key if key in ("info", "licenses") else "other", _kind(value)))
    return collected


def _of_record(section: str, record: Any) -> set[Feature]:
    if not isinstance(record, dict):
        return {(section, "record", _kind(record))}
    collected: set[Feature] = set()
    for key, value in record.items():
        collected.add((section, key if key in _KEYS else "other", _kind(value)))
        if isinstance(value, dict) and key == "segmentation":
            collected.update((section, key, inner, _kind(part)) for inner, part in value.items())
        if isinstance(value, dict) and key == "attributes":
            collected.update((section, key, _kind(part)) for part in value.values())
    return collected


def _kind(value: Any) -> str:
    if isinstance(value, list):
        return f"list of {_kind(value[0])}" if value else "empty list"
    if isinstance(value, int) and abs(value) > 2**53:
        return "large integer"
    return type(value).__name__


def sampled(names: Iterable[str]) -> list[str]:
    """Return the names that are in the sample; of a folder that it says nothing of, all."""
    folders = {name.split("/")[0] for name in SAMPLE}
    return [name for name in names if name in SAMPLE or name.split("/")[0] not in folders]
