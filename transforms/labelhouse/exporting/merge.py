"""Merge the columns, `blanks` and `extra` of a record."""

from collections.abc import Mapping, Sequence
from typing import Any

from labelhouse.exporting.columns import Parts


def with_blanks(record: dict[str, Any], blanks: Mapping[str, Any]) -> None:
    """Add the keys that are null or empty; objects are merged, `attributes` among them."""
    for key, value in blanks.items():
        if isinstance(value, dict):
            inside = record.setdefault(key, {})
            if isinstance(inside, dict):
                with_blanks(inside, value)
        else:
            record.setdefault(key, value)


def with_extra(record: dict[str, Any], parts: Parts, *, plain: bool) -> None:
    """Let `extra` replace columns; with `plain` it only adds keys that no column has."""
    if plain:
        for key, value in parts.items():
            if key not in record and bytes(value) != b"null":
                record[key] = value
    else:
        record.update(parts)


def in_order(record: dict[str, Any], keys: Sequence[str]) -> dict[str, Any]:
    """Return the record with the known keys first, in their order."""
    known = {key: record[key] for key in keys if key in record}
    return known if len(known) == len(record) else {**known, **record}
