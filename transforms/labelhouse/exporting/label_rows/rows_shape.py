"""Write documents as the label rows of Encord's that they came as."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, groupby
from typing import Any, TypeAlias

import msgspec

from labelhouse.exporting.columns import Parts, parts_of
from labelhouse.exporting.label_rows.classes import Classes
from labelhouse.exporting.label_rows.stored_layout import (
    FrameContent,
    StoredLayout,
    StoredUnit,
    stored_layout,
)
from labelhouse.exporting.label_rows.streams import (
    Ahead,
    Frame,
    RowAnswer,
    RowClassification,
    RowLabel,
    RowRange,
    RowStreams,
    changes_of,
)
from labelhouse.exporting.list_shape import ENCODE
from labelhouse.label_rows.geometry import GEOMETRY_KEYS
from labelhouse.label_rows.rebuilding.objects import (
    StoredChoice,
    StoredRange,
    classification_object,
    classification_on_frame,
    entry_object,
    history,
    placed_object,
)
from labelhouse.label_rows.rebuilding.patches import ON_FRAMES, Rebuilt, patched
from labelhouse.label_rows.row_values import ROW_TEXTS

Texts: TypeAlias = Iterable[bytes]
MemberTexts: TypeAlias = Iterable[tuple[str, Texts]]
"""Keys of an object and the text of each value in parts; each value is read to its end before the next."""

_PIECE_BYTES = 1 << 16


def label_rows(streams: RowStreams) -> Iterator[bytes]:
    """Yield the text of a JSON list of label rows.

    It holds data units, classifications and the keys of answers of a row, as the reader does, but neither
    its frames nor its labels.
    """
    classes = Classes(streams.connection)
    parts = (streams.frames(), streams.labels(), streams.classifications(), streams.answers())
    ranges = {owner: streams.ranges(owner) for owner in ("annotation", "classification", "answer")}
    rows = (
        _object(_RowWriter(index, values, classes, *parts, ranges).members())
        for index, values in enumerate(streams.rows())
    )
    yield from _pieces(chain(_array(rows, b",\n"), (b"\n",)))


def _pieces(texts: Texts) -> Iterator[bytes]:
    """Join short texts."""
    piece = bytearray()
    for text in texts:
        piece += text
        if len(piece) >= _PIECE_BYTES:
            yield bytes(piece)
            piece.clear()
    yield bytes(piece)


def _object(members: MemberTexts) -> Iterator[bytes]:
    separator = b"{"
    for key, texts in members:
        yield separator + ENCODE(key) + b": "
        yield from texts
        separator = b", "
    yield b"{}" if separator == b"{" else b"}"


def _array(values: Iterable[Texts], between: bytes = b", ") -> Iterator[bytes]:
    separator = b"["
    for texts in values:
        yield separator
        yield from texts
        separator = between
    yield b"[]" if separator == b"[" else b"]"


def _raw_members(parts: Parts) -> MemberTexts:
    return ((key, (bytes(value),)) for key, value in parts.items())


def _inner(parts: Parts, section: str) -> Parts:
    """Return the members of a value that is an object, by their keys."""
    return parts_of(parts[section]) if section in parts else {}


@dataclass(slots=True)
class _RowWriter:
    """Write one label row, section by section, in the order in which the reader met them."""

    document: int
    values: dict[str, Any]
    classes: Classes
    frames: Ahead[Frame]
    labels: Ahead[RowLabel]
    classifications: Ahead[RowClassification]
    answers: Ahead[RowAnswer]
    ranges: Mapping[str, Ahead[RowRange]]
    _on_frames: dict[str, Rebuilt] = field(default_factory=dict)
    """What frames say of each classification."""
    _images: int = 0
    """Number of images of the units so far."""

    def members(self) -> MemberTexts:
        """Return the members of the row."""
        values = self.values
        layout = stored_layout(values["layout"])
        extra: Parts = {} if values["extra"] is None else parts_of(values["extra"])
        own = {section: extra.pop(section) for section in layout.sections if section in extra}
        texts = {key: values[name] for name, key in ROW_TEXTS.items() if values[name] is not None}
        yield from ((key, (ENCODE(text),)) for key, text in texts.items())
        if values["client_metadata"] is not None:
            yield "client_metadata", (values["client_metadata"].encode(),)
        yield from _raw_members(extra)
        classified = list(self.classifications.take(self.document, lambda _: True))
        self._on_frames = {one.key: _on_frame(one) for one in classified}
        sections: dict[str, MemberTexts] = {
            "data_units": self._units(layout.data_units, _inner(own, "data_units")),
            "spaces": self._units(layout.spaces, _inner(own, "spaces")),
            "object_answers": self._object_answers(layout, _inner(own, "object_answers")),
            "object_actions": self._object_actions(layout, _inner(own, "object_actions")),
            "classification_answers": self._classified(classified[: layout.classification_answers]),
        }
        for section, its_members in sections.items():
            if section in layout.sections:
                yield section, _object(its_members)

    # Data units, spaces and their frames

    def _units(self, units: Iterable[StoredUnit], values: Parts) -> MemberTexts:
        for unit in units:
            first = self._images
            self._images += unit.images
            members = _raw_members(_inner(values, unit.key))
            if unit.form == "frames":
                members = chain(members, [("labels", _object(self._frames(first)))])
            elif unit.form is not None:
                labels = self._frame(first, self._images, unit.content)
                members = chain(members, [("labels", _object(labels))])
            yield unit.key, _object(members)

    def _frames(self, first: int) -> MemberTexts:
        last = self._images
        for frame in self.frames.take(self.document, lambda frame: frame.position < last):
            if frame.position >= first:
                labels = self._frame(frame.position, frame.position + 1, frame.content)
                yield frame.key, _object(labels)

    def _frame(self, first: int, last: int, content: FrameContent) -> MemberTexts:
        """Return the members of a frame, or of the labels of an image; its images end before `last`."""
        other, absent = content.other, content.absent
        objects = (self._label(label) for label in self._labels(first, last))
        if "objects" not in other and "objects" not in absent:
            yield "objects", _array(objects)
        if "classifications" not in other and "classifications" not in absent:
            yield (
                "classifications",
                (ENCODE([self._one(one) for one in content.classifications]),),
            )
        yield from _raw_members(other)

    def _one(self, reference: msgspec.Raw) -> Any:
        """Return a classification of a frame: one by its hash, or what is in a list of one."""
        text = bytes(reference)
        if text[:1] == b"[":
            return msgspec.Raw(text[1:-1])
        return self._on_frames.get(msgspec.json.decode(text), {})

    def _labels(self, first: int, last: int) -> Iterator[RowLabel]:
        for label in self.labels.take(
            self.document, lambda label: label.image_id is not None and label.image_id < last
        ):
            if label.image_id is not None and label.image_id >= first:
                yield label

    def _label(self, label: RowLabel) -> Texts:
        return (ENCODE(self._label_object(label)),)

    def _label_object(self, label: RowLabel) -> Rebuilt:
        rebuilt: Rebuilt = {}
        if label.category_id is not None:
            rebuilt |= self.classes.usual(self.values, label.feature_hash, label.category_id)
        if label.object_hash is not None:
            rebuilt["objectHash"] = label.object_hash
        if label.feature_hash is not None:
            rebuilt["featureHash"] = label.feature_hash
        if label.object_number is not None:
            rebuilt["objectNumber"] = label.object_number
        rebuilt |= history(label.history)
        changes = changes_of(label.changes)
        if label.geometry is not None:
            shape = msgspec.json.decode(changes["shape"]) if "shape" in changes else rebuilt.get("shape")
            rebuilt[GEOMETRY_KEYS.get(str(shape), "")] = msgspec.Raw(label.geometry.encode())
        return patched(rebuilt, changes)

    # Answers

    def _object_answers(self, layout: StoredLayout, patches: Parts) -> MemberTexts:
        aliases = layout.aliases
        for key in layout.object_answers:
            entries = self._entries("object", key)
            rebuilt: Rebuilt = {"objectHash": key, "classifications": entries}
            object_hash = aliases.get(key, key)
            placed = list(self.labels.take(self.document, lambda one: one.object_hash == object_hash))  # noqa: B023
            if placed:
                ranges = [one for label in placed for one in self._ranges("annotation", label.position)]
                rebuilt = {**self._label_object(placed[0]), **placed_object(key, ranges, entries)}
            yield key, (ENCODE(_patched(rebuilt, _patch_of(patches, key))),)

    def _object_actions(self, layout: StoredLayout, patches: Parts) -> MemberTexts:
        for key in layout.object_actions:
            rebuilt = {"objectHash": key, "actions": self._entries("action", key)}
            yield key, (ENCODE(_patched(rebuilt, _patch_of(patches, key))),)

    def _classified(self, classified: Sequence[RowClassification]) -> MemberTexts:
        for one in classified:
            rebuilt = classification_object(
                one.key,
                one.feature_hash,
                one.history,
                self._ranges("classification", one.position),
                self._entries("classification", one.key),
            )
            yield one.key, (ENCODE(_patched(rebuilt, changes_of(one.changes))),)

    def _entries(self, owner: str, key: str) -> list[Rebuilt]:
        entries: list[Rebuilt] = []
        rows = self.answers.take(self.document, lambda row: (row.owner, row.owner_hash) == (owner, key))
        for _, its_rows in groupby(rows, lambda row: row.entry):
            entries.append(self._entry(list(its_rows)))
        return entries

    def _entry(self, rows: Sequence[RowAnswer]) -> Rebuilt:
        first = rows[0]
        choices = [StoredChoice(row.value, row.option_hash, row.option_value) for row in rows]
        ranges = [one.value for one in self._ranges("answer", first.position)]
        rebuilt = entry_object(
            first.name,
            first.feature_hash,
            (first.manual_annotation, first.dynamic),
            choices if first.choices else (),
            ranges,
            is_action=first.owner == "action",
        )
        return patched(rebuilt, changes_of(first.changes))

    def _ranges(self, owner: str, position: int) -> list[StoredRange]:
        ranges = self.ranges[owner].take(self.document, lambda one: one.owner_position <= position)
        return [one.range for one in ranges if one.owner_position == position]


def _patched(answer: Rebuilt, changes: Rebuilt) -> Rebuilt:
    """Return an answer that a patch was made for; its spaces keep the order that their ranges have."""
    spaces = answer.get("spaces")
    if spaces and "spaces" in changes and bytes(changes["spaces"])[:1] == b"{":
        own = parts_of(changes["spaces"])
        changes["spaces"] = {**{key: own[key] for key in spaces if key in own}, **own}
    return patched(answer, changes)


def _patch_of(patches: Parts, key: str) -> Rebuilt:
    return changes_of(bytes(patches[key]).decode()) if key in patches else {}


def _on_frame(one: RowClassification) -> Rebuilt:
    rebuilt = classification_on_frame(one.key, one.feature_hash, one.name, one.history)
    return patched(rebuilt, changes_of(one.changes).get(ON_FRAMES, {}))
