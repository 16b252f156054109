"""The fast reader: msgspec decodes a block of records at once, number lists go straight to Arrow.

What it does not take (a block that is no list of objects, a number beyond a double, half of a surrogate
pair, text that is no JSON) goes to the ijson reader, which says what is wrong and where.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from operator import attrgetter
from typing import Annotated, Any, BinaryIO

import msgspec

from labelhouse import ijson_reader
from labelhouse.json_numbers import Lists, Text, lists_of
from labelhouse.limits import Limits
from labelhouse.reader import (
    BLOCK_BYTES,
    DEFAULT_LIMITS,
    MISSING,
    RECORD_KEYS,
    AttributeColumns,
    Block,
    Column,
    Event,
    Json,
    RawRecords,
    Rings,
    Run,
    Section,
)
from labelhouse.records import Proven, Stretch, check_depth, stretches
from labelhouse.syntax import may_hold_lone_surrogate

_RAW_KEYS = frozenset({"bbox", "segmentation", "keypoints"})
_MAX_OTHER_KEYS = 64
"""Records with more unknown keys than that between them are the ijson reader's."""
_MIN_DEPTH = 16
"""Below this limit on nesting, which no export needs, every bracket is looked at."""
_OUTER_DEPTH = 5
"""Values lie at most so deep: in a list of documents, in an array, in a record, in its attributes."""
_CUTS = 2
"""So many places are tried as the end of a block before its brackets are looked for."""
_MAX_MISSES = 8
"""So many blocks with other attributes than Encord's, and no more is made of the difference."""
_EXACT = 2**53


class _Attributes(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """Attributes as Encord exports them; any others are decoded as they come."""

    track_id: Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)] | None = MISSING  # type: ignore[assignment]
    encord_track_uuid: str | None = MISSING  # type: ignore[assignment]
    rotation: Annotated[float, msgspec.Meta(gt=-_EXACT, lt=_EXACT)] | None = MISSING  # type: ignore[assignment]
    manual_annotation: bool | None = MISSING  # type: ignore[assignment]
    classifications: msgspec.Raw = msgspec.Raw()


def read(
    stream: BinaryIO, *, block_bytes: int = BLOCK_BYTES, limits: Limits = DEFAULT_LIMITS
) -> Iterator[Event]:
    """Yield the events of one JSON text; see reader.py for the contract."""
    counts: Counter[Section] = Counter()
    decoders = {section: _Decoder(section) for section in Section}
    answers = _Answers()

    def prove(section: Section, text: bytes) -> Proven | None:
        return decoders[section].proven(text) if limits.depth >= _MIN_DEPTH else None

    for event in stretches(stream, block_bytes=block_bytes, limits=limits, prove=prove):
        if isinstance(event, Stretch):
            block = _block_of(event, counts[event.section], decoders[event.section], answers, limits.depth)
            if block is None:
                check_depth(event, limits.depth)
                block = ijson_reader.block_of(event, counts[event.section])
            counts[event.section] += len(block.positions) + len(block.refused)
            yield block
        else:
            counts.clear()
            yield event


class _RefusedError(Exception):
    """A block is not for this reader, for a reason that the ijson reader finds again."""


class _Decoder:
    """Decode records of one section; learns which keys they have beyond those of a block's columns."""

    def __init__(self, section: Section) -> None:
        self._section = section
        self._others: list[str] = []
        self._encord = section is Section.ANNOTATIONS
        self._misses = 0
        self._decoders: dict[bool, Callable[[bytes], list[Any]]] = {}

    @property
    def others(self) -> Sequence[str]:
        """Keys that records may have beyond the block's columns."""
        return self._others

    def decode(self, text: bytes) -> list[Any]:
        """Decode a text of records joined by commas. Raises DecodeError, or _RefusedError."""
        array = b"".join((b"[", text, b"]"))
        encord = self._encord
        while True:
            try:
                return self._decode(encord)(array)
            except msgspec.ValidationError as error:
                if "attributes" in str(error) and encord:
                    encord = False
                    self._misses += 1
                    self._encord = self._misses < _MAX_MISSES
                elif not self._learn(array):
                    raise _RefusedError from None
            except (UnicodeDecodeError, RecursionError):
                raise _RefusedError from None

    def proven(self, text: bytes) -> Proven | None:
        """Decode whole records from the start of a text; see records.Prove.

        `[` + text + `]` decodes if and only if the text ends between two records, so the decoder
        proves the cut, and it says where the array ends if that comes first.
        """
        for end in chain(_ends(text), [len(text)]):
            try:
                records = self.decode(text[:end])
            except msgspec.DecodeError as error:
                if (trailing := _TRAILING.search(str(error))) is None:
                    continue
                # Counted from 1, in the array: its own closing bracket is the last before that.
                end = text.rfind(b"]", 0, int(trailing[1]) - 2)
                try:
                    records = self.decode(text[:end])
                except (msgspec.DecodeError, _RefusedError):
                    return None
            except _RefusedError:
                return None
            return Proven(records, end) if records else None
        return None

    def _learn(self, array: bytes) -> bool:
        """Take up the keys of records that are not known yet; tell whether there are any."""
        try:
            keys = dict.fromkeys(chain.from_iterable(_KEYS.decode(array)))
        except (msgspec.ValidationError, UnicodeDecodeError, RecursionError):
            return False
        known = {*RECORD_KEYS[self._section], *self._others}
        new = [key for key in keys if key not in known]
        if not new or len(self._others) + len(new) > _MAX_OTHER_KEYS or any(map(_UNNAMABLE.search, new)):
            return False
        self._others += new
        self._decoders.clear()
        return True

    def _decode(self, encord: bool) -> Callable[[bytes], list[Any]]:
        if encord not in self._decoders:
            self._decoders[encord] = self._made(encord)
        return self._decoders[encord]

    def _made(self, encord: bool) -> Callable[[bytes], list[Any]]:
        fields: list[tuple[str, Any, Any]] = [
            (key, msgspec.Raw, msgspec.Raw())
            if key in _RAW_KEYS and self._section is Section.ANNOTATIONS
            else (key, _Attributes | None if key == "attributes" and encord else Any, MISSING)
            for key in RECORD_KEYS[self._section]
        ]
        names = {f"other_{number}": key for number, key in enumerate(self._others)}
        record = msgspec.defstruct(
            "Record",
            [*fields, *((name, Any, MISSING) for name in names)],
            rename=names,
            forbid_unknown_fields=True,
            gc=False,
        )
        return msgspec.json.Decoder(list[record]).decode  # type: ignore[valid-type]


_KEYS = msgspec.json.Decoder(list[dict[str, msgspec.Raw]])
_UNNAMABLE = re.compile(r'[\\"\x00-\x1f]')
"""What the name of a struct's field may not hold."""
_TRAILING = re.compile(r"trailing characters \(byte ([0-9]+)\)")
_FIRST_KEY = re.compile(rb'\{\s*("[^"\\]*")')
_WHITE_SPACE = b" \t\r\n"
_GAP_BYTES = 256


def _ends(text: bytes) -> Iterator[int]:
    """Yield offsets at which a record of a text may end, from the last on.

    A record ends where a brace closes, and behind a comma one opens with the key that the first
    record begins with: objects inside records rarely do that.
    """
    first = _FIRST_KEY.match(text)
    if first is None:
        return
    at = len(text)
    found = 0
    while found < _CUTS and (at := text.rfind(first[1], 1, at)) > 0:
        before = text[max(0, at - _GAP_BYTES) : at].rstrip(_WHITE_SPACE)
        if not before.endswith(b"{"):
            continue
        before = before[:-1].rstrip(_WHITE_SPACE)
        if not before.endswith(b","):
            continue
        before = before[:-1].rstrip(_WHITE_SPACE)
        if before.endswith(b"}"):
            found += 1
            yield max(0, at - _GAP_BYTES) + len(before)


def _block_of(
    stretch: Stretch, first: int, decoder: _Decoder, answers: "_Answers", depth: int
) -> Block | None:
    """Return the block of a stretch, or None if it is for the ijson reader."""
    if may_hold_lone_surrogate(stretch.text):
        return None
    try:
        if not stretch.text.isascii():
            # Of a key that stands twice in a record only the last value is decoded.
            stretch.text.decode()
        records = stretch.records
        if records is None:
            records = decoder.decode(stretch.text)
        nulls: dict[str, Sequence[int]] = {}
        columns: dict[str, Column] = {
            key: _column(stretch.section, key, _field(records, key), answers, nulls)
            for key in RECORD_KEYS[stretch.section]
        }
        others = _others(records, decoder.others)
        # msgspec knows no limit on nesting; number lists are as deep as they have to be.
        deepest = _deepest([*columns.values(), *others.values()]) + _OUTER_DEPTH
        if stretch.records is not None and deepest > depth:
            return None
    except (_RefusedError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return Block(
        stretch.section,
        [Run(stretch.document, len(records))],
        range(first, first + len(records)),
        columns,
        _extra(others, len(records)),
        RawRecords(stretch.text, stretch.spans),
        nulls=nulls,
    )


def _deepest(columns: Iterable[Column]) -> int:
    """Return how deep the values of columns are nested, those in Arrow aside."""
    deepest = 0
    for column in columns:
        if isinstance(column, Rings):
            column = list(column.others.values())
        elif isinstance(column, AttributeColumns):
            unlike = {id(value): value for value in column.classifications}
            column = list(unlike.values())
        if isinstance(column, list) and {dict, list} & set(map(type, column)):
            deepest = max(deepest, *map(_depth, column))
    return deepest


def _field(records: Sequence[Any], name: str) -> list[Any]:
    return list(map(attrgetter(name), records))


def _column(
    section: Section, key: str, values: list[Any], answers: "_Answers", nulls: dict[str, Sequence[int]]
) -> Column:
    """Return one column; of one that is no list, `nulls` is given the rows that are null."""
    if section is not Section.ANNOTATIONS:
        return values
    if key in _RAW_KEYS:
        found = lists_of(values, depth=2 if key == "segmentation" else 1)
        if found is None or (found.others.size and key != "segmentation"):
            return _values(values)
        nulls[key] = found.nulls.tolist()
        return found.array if key != "segmentation" else _rings(values, found)
    if key == "attributes" and _Attributes in set(map(type, values)):
        return answers.columns(values)
    return values


def _rings(texts: Sequence[Text], found: Lists) -> Rings:
    rows = found.others.tolist()
    values = _values([texts[row] for row in rows])
    return Rings(found.array, dict(zip(rows, values, strict=True)))


def _values(texts: Sequence[Text]) -> list[Any]:
    """Decode JSON texts, all at once; missing where there is none."""
    values = iter(msgspec.json.decode(b"[%b]" % b",".join([text for text in texts if len(text)])))
    return [next(values) if len(text) else MISSING for text in texts]


def _others(records: Sequence[Any], keys: Sequence[str]) -> dict[str, list[Any]]:
    """Return the columns of other keys, without those that all records of a block lack."""
    columns = {key: _field(records, f"other_{number}") for number, key in enumerate(keys)}
    return {key: values for key, values in columns.items() if values.count(MISSING) < len(values)}


def _extra(others: Mapping[str, list[Any]], count: int) -> list[dict[str, Json] | None]:
    found: list[dict[str, Json] | None] = [None] * count
    for key, values in others.items():
        for row, value in enumerate(values):
            if value is not MISSING:
                extra = found[row]
                if extra is None:
                    found[row] = {key: value}
                else:
                    extra[key] = value
    return found


def _depth(value: Json) -> int:
    """Return how deep a value is nested; a scalar is not."""
    if isinstance(value, dict):
        return 1 + max(map(_depth, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(_depth, value), default=0)
    return 0


class _Answers:
    """Columns of Encord's attributes; answers that are spelled alike are one object."""

    def __init__(self) -> None:
        self._known: dict[bytes, Json] = {}

    def columns(self, values: Sequence[Any]) -> AttributeColumns:
        """Return the columns of attributes; None and missing have none."""
        blank = _Attributes()
        given = [value if value.__class__ is _Attributes else blank for value in values]
        return AttributeColumns(
            present=[value if value is None or value is MISSING else True for value in values],
            own={
                key: _field(given, key) for key in _Attributes.__struct_fields__ if key != "classifications"
            },
            classifications=[self._answer(bytes(value.classifications)) for value in given],
        )

    def _answer(self, text: bytes) -> Any:
        if not text:
            return MISSING
        known = self._known.get(text, MISSING)
        if known is MISSING:
            if len(self._known) >= _KNOWN_ANSWERS:
                self._known.clear()
            known = msgspec.json.decode(text)
            if len(text) <= _KNOWN_ANSWER_BYTES:
                self._known[text] = known
        return known


_KNOWN_ANSWERS = 4096
_KNOWN_ANSWER_BYTES = 2048
