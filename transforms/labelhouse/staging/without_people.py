"""Take people out of what a reader gives, before anything of it is hashed or staged."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from labelhouse.coco.json_text import json_text
from labelhouse.coco.values import Json
from labelhouse.label_rows.rebuilding.patches import ABSENT, ON_FRAMES
from labelhouse.readers.events import Block, DocumentEnd, TableRows
from labelhouse.schema.arrow_types import VARCHAR
from labelhouse.texts.people import People, names_person

PERSON_COLUMNS: Mapping[str, str] = {
    "created_by": "createdBy",
    "last_edited_by": "lastEditedBy",
    "assigned_to": "assigned_user_email",
    "last_actioned_by": "last_actioned_by_user_email",
}
"""Columns of the tables that hold an address or user id, and nothing else, and the keys they come from."""
JSON_COLUMNS = ("extra", "row_extra", "layout")


@dataclass(frozen=True, slots=True)
class PeopleFilter:
    """Take people out of the events of a reader, as a setting says."""

    people: People

    def block(self, block: Block) -> Block:
        """Return a block without people: in its own columns, unknown keys and answers under such names."""
        if self.people.are_kept:
            return block
        columns = block.columns
        if isinstance(attributes := columns.get("attributes"), list):
            columns = {**columns, "attributes": [self._attributes(one) for one in attributes]}
        extra = block.extra
        if any(extra):
            extra = [one and self.people.value(one) for one in extra]
        return replace(block, columns=columns, extra=extra, more=self._columns(block.more))

    def rows(self, rows: TableRows) -> TableRows:
        """Return rows of a table without people."""
        return rows if self.people.are_kept else replace(rows, columns=self._columns(rows.columns))

    def end(self, end: DocumentEnd) -> DocumentEnd:
        """Return the end of a document, whose own values then name no person."""
        return end if self.people.are_kept else replace(end, values=self.values(end.values))

    def values(self, values: dict[str, Json]) -> dict[str, Json]:
        """Return a document's own values without people."""
        return values if self.people.are_kept else self.people.value(values)

    def raw(self, text: str | None) -> str | None:
        """Return the text of a record in quarantine; None if it may name people and cannot be read."""
        return None if text is None else self.people.json(text)

    def text(self, text: str) -> str:
        """Return a text without addresses."""
        return self.people.text(text)

    def _attributes(self, attributes: object) -> object:
        """Return the attributes of a label; what people read off an image may be an address, and stays."""
        if not isinstance(attributes, dict):
            return attributes
        named: list[str] = [key for key in attributes if names_person(key)]
        return {**attributes, **{key: self.people.named(attributes[key]) for key in named}}

    def _columns(self, columns: Mapping[str, pa.Array]) -> dict[str, pa.Array]:
        without = dict(columns)
        for name in PERSON_COLUMNS:
            if name in without:
                without[name] = _mapped(without[name], self.people.person)
        for name in JSON_COLUMNS:
            if name in without:
                without[name] = _mapped(without[name], self.people.json)
        if self.people.authors == "drop" or self.people.forgotten:
            _keep_keys(columns, without)
        return without


def _keep_keys(columns: Mapping[str, pa.Array], without: dict[str, pa.Array]) -> None:
    """Write null for each person that was dropped into the patches of the rows: an export has the key."""
    keys = {name: key for name, key in PERSON_COLUMNS.items() if name in columns}
    patches = "row_extra" if "row_extra" in columns else "extra"
    if not keys or patches not in columns:
        return
    dropped_by_key = [
        pc.and_(columns[name].is_valid(), without[name].is_null()).to_pylist() for name in keys
    ]
    texts = without[patches].to_pylist()
    for row, flags in enumerate(zip(*dropped_by_key, strict=True)):
        if any(flags):
            dropped = tuple(key for key, flag in zip(keys.values(), flags, strict=True) if flag)
            texts[row] = _with_nulls(texts[row], dropped)
    without[patches] = pa.array(texts, VARCHAR)


@lru_cache(maxsize=1 << 13)
def _with_nulls(text: str | None, keys: tuple[str, ...]) -> str | None:
    """Return a patch with null for each key, as the patch of a row that has null there.

    >>> _with_nulls('{"#absent":["createdBy","name"]}', ("createdBy", "lastEditedBy"))
    '{"#absent":["name"],"lastEditedBy":null}'
    """
    value = {} if text is None else msgspec.json.decode(text)
    for changes in (value, value[ON_FRAMES]) if ON_FRAMES in value else (value,):
        absent = changes.pop(ABSENT, [])
        changes |= {key: None for key in keys if key not in absent}
        if rest := [key for key in absent if key not in keys]:
            changes[ABSENT] = rest
    return json_text(value) if value else None


def _mapped(column: pa.Array, function: Callable[[str], str | None]) -> pa.Array:
    """Apply a function to each distinct text of a column."""
    encoded = column.dictionary_encode()
    texts = [None if text is None else function(text) for text in encoded.dictionary.to_pylist()]
    return pa.array(texts, VARCHAR).take(encoded.indices)
