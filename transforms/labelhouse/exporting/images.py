"""Images as JSON objects."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pyarrow as pa

from labelhouse.coco.sections import RECORD_KEYS, Section
from labelhouse.exporting.columns import Parts, blanks_of, parts_of, values_of
from labelhouse.exporting.merge import in_order, with_blanks, with_extra

_KEYS = RECORD_KEYS[Section.IMAGES]
_COLUMNS = (
    "image_id",
    "file_name",
    "width",
    "height",
    "coco_url",
    "title",
    "media_type",
    "blanks",
    "extra",
    "image_id_text",
)


def image_objects(rows: pa.RecordBatch, *, plain: bool = False) -> Iterator[dict[str, Any]]:
    """Yield images as their sources had them.

    `plain` leaves out blanks, and values of `extra` that a column has in another form.
    """
    columns = (values_of(rows[name]) for name in _COLUMNS)
    for image_id, file_name, width, height, url, title, media_type, blanks, extra, image_id_text in zip(
        *columns, strict=True
    ):
        image: dict[str, Any] = {"id": image_id if image_id_text is None else image_id_text}
        if file_name is not None:
            image["file_name"] = file_name
        if width is not None:
            image["width"] = width
        if height is not None:
            image["height"] = height
        if url is not None:
            image["coco_url"] = url
        parts = None if extra is None else parts_of(extra)
        if title is not None:
            key, other = ("video_title", "image_title")[:: 1 if media_type == "video" else -1]
            if parts is None or not _is_of(title, parts, key, other):
                image[key] = title
        if blanks is not None and not plain:
            with_blanks(image, blanks_of(blanks))
        if parts is not None:
            with_extra(image, parts, plain=plain)
        yield in_order(image, _KEYS) if blanks is not None or parts is not None else image


def _is_of(title: str, parts: Parts, key: str, other: str) -> bool:
    """Return whether the column has its title from the key that does not belong to the media type.

    That title stays in `extra`; if the image had both keys, the first one stays there too.
    """
    if other not in parts or key in parts:
        return False
    value = (
        msgspec.json.decode(parts[other])
        if bytes(parts[other])[:1] == b'"'
        else bytes(parts[other]).decode()
    )
    return bool(value == title)
