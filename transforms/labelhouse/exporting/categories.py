"""Categories as JSON objects."""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from labelhouse.coco.sections import RECORD_KEYS, Section
from labelhouse.exporting.columns import blanks_of, parts_of, values_of
from labelhouse.exporting.merge import in_order, with_blanks, with_extra

_KEYS = RECORD_KEYS[Section.CATEGORIES]
_COLUMNS = (
    "category_id",
    "name",
    "supercategory",
    "keypoints",
    "skeleton",
    "blanks",
    "extra",
    "category_id_text",
)


def category_objects(rows: pa.RecordBatch, *, plain: bool = False) -> Iterator[dict[str, Any]]:
    """Yield categories as their sources had them.

    `plain` leaves out blanks, and values of `extra` that a column has in another form.
    """
    columns = (values_of(rows[name]) for name in _COLUMNS)
    for *values, blanks, extra, category_id_text in zip(*columns, strict=True):
        category = {key: value for key, value in zip(_KEYS, values, strict=True) if value is not None}
        if category_id_text is not None:
            category["id"] = category_id_text
        if blanks is not None and not plain:
            with_blanks(category, blanks_of(blanks))
        if extra is not None:
            with_extra(category, parts_of(extra), plain=plain)
        yield in_order(category, _KEYS)
