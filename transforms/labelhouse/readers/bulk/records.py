"""Decode the records of a block at once with msgspec, which proves where the block ends."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Annotated, Any

import msgspec

from labelhouse.coco.json_syntax import WHITE_SPACE
from labelhouse.coco.sections import RECORD_KEYS, Section
from labelhouse.coco.values import MISSING

RAW_KEYS = frozenset({"bbox", "segmentation", "keypoints"})
"""Keys of labels whose values stay text."""
_MAX_OTHER_KEYS = 64
"""Blocks with more unknown keys than this go to the ijson reader."""
_CUTS = 2
"""This many places are tried as the end of a block before the search for its brackets."""
_MAX_MISSES = 8
"""After this many blocks with attributes other than Encord's, the decoder no longer expects Encord's."""
_EXACT = 2**53


class RefusedError(Exception):
    """The bulk reader does not take a block, for a reason that the ijson reader finds again."""


class Attributes(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """Attributes as Encord exports them; any others are decoded without fixed types."""

    track_id: Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)] | None = MISSING  # type: ignore[assignment]
    encord_track_uuid: str | None = MISSING  # type: ignore[assignment]
    rotation: Annotated[float, msgspec.Meta(gt=-_EXACT, lt=_EXACT)] | None = MISSING  # type: ignore[assignment]
    manual_annotation: bool | None = MISSING  # type: ignore[assignment]
    classifications: msgspec.Raw = msgspec.Raw()


@dataclass(frozen=True, slots=True)
class DecodedPrefix:
    """Objects decoded from the start of a text, and the offset behind the last of them."""

    objects: list[Any]
    end: int


class RecordDecoder:
    """Decode records of one section; learns which keys they have besides those of a block's columns."""

    def __init__(self, section: Section) -> None:
        self._section = section
        self._others: list[str] = []
        self._encord = section is Section.ANNOTATIONS
        self._misses = 0
        self._decoders: dict[bool, Callable[[bytes], list[Any]]] = {}

    @property
    def others(self) -> Sequence[str]:
        """Keys that records may have besides the block's columns."""
        return self._others

    def decode(self, text: bytes | memoryview) -> list[Any]:
        """Decode a text of records joined by commas. Raises DecodeError, or RefusedError."""
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
                    raise RefusedError from None
            except (UnicodeDecodeError, RecursionError):
                raise RefusedError from None

    def decoded_prefix(self, text: bytes) -> DecodedPrefix | None:
        """Decode whole records from the start of a text."""
        return decoded_prefix(self.decode, text, ends(text))

    def record_type(self) -> Any:
        """Return the type that records are decoded to, according to the keys learnt so far."""
        return self._record(self._encord)

    def _learn(self, array: bytes) -> bool:
        """Learn the keys of records that are not known yet; return whether there are any."""
        try:
            keys = dict.fromkeys(chain.from_iterable(_KEYS.decode(array)))
        except (msgspec.ValidationError, UnicodeDecodeError, RecursionError):
            return False
        met = [key for key in keys if key not in RECORD_KEYS[self._section]]
        is_new = not set(met) <= set(self._others)
        if not is_new or len(met) > _MAX_OTHER_KEYS or any(map(_UNNAMABLE.search, met)):
            return False
        others = list(dict.fromkeys([*self._others, *met]))
        # If very many tools wrote a list, only the keys of the last ones are known.
        self._others = others if len(others) <= _MAX_OTHER_KEYS else met
        self._decoders.clear()
        return True

    def _decode(self, encord: bool) -> Callable[[bytes], list[Any]]:
        if encord not in self._decoders:
            decoder = msgspec.json.Decoder(list[self._record(encord)])  # type: ignore[misc]
            self._decoders[encord] = decoder.decode
        return self._decoders[encord]

    def _record(self, encord: bool) -> Any:
        fields: list[tuple[str, Any, Any]] = [
            (key, msgspec.Raw, msgspec.Raw())
            if key in RAW_KEYS and self._section is Section.ANNOTATIONS
            else (key, Attributes | None if key == "attributes" and encord else Any, MISSING)
            for key in RECORD_KEYS[self._section]
        ]
        names = {f"other_{number}": key for number, key in enumerate(self._others)}
        return msgspec.defstruct(
            "Record",
            [*fields, *((name, Any, MISSING) for name in names)],
            rename=names,
            forbid_unknown_fields=True,
            gc=False,
        )


_KEYS = msgspec.json.Decoder(list[dict[str, msgspec.Raw]])
_UNNAMABLE = re.compile(r'[\\"\x00-\x1f]')
"""Characters that the name of a struct's field may not hold."""
_TRAILING = re.compile(r"trailing characters \(byte ([0-9]+)\)")
_FIRST_KEY = re.compile(rb'\{\s*("[^"\\]*")')
_GAP_BYTES = 256


def decoded_prefix(
    decode: Callable[[memoryview], list[Any]], text: bytes, cuts: Iterable[int]
) -> DecodedPrefix | None:
    """Decode whole objects from the start of a text, as many as surely end in it.

    `cuts` are where an object may end, as `ends` finds them. `[` + text + `]` decodes if and only if the
    text ends between two objects, so the decoder proves the cut. If the list ends before the cut, the
    decoder reports where.

    >>> decode = msgspec.json.Decoder(list[dict[str, int]]).decode
    >>> text = b'{"a": 1}, {"a": 2}, {"a": 3'
    >>> decoded_prefix(lambda objects: decode(b"[%b]" % objects), text, ends(text))
    DecodedPrefix(objects=[{'a': 1}, {'a': 2}], end=18)
    >>> text = b'{"a": 1}, {"a": 2}], "b": [3, 4]'
    >>> decoded_prefix(lambda objects: decode(b"[%b]" % objects), text, [])
    DecodedPrefix(objects=[{'a': 1}, {'a': 2}], end=18)
    """
    view = memoryview(text)
    for end in chain(cuts, [len(text)]):
        try:
            records = decode(view[:end])
        except msgspec.DecodeError as error:
            if (trailing := _TRAILING.search(str(error))) is None:
                continue
            # The decoder counts from 1, in the list. The list's own closing bracket is the last one before
            # that.
            end = text.rfind(b"]", 0, int(trailing[1]) - 2)
            try:
                records = decode(view[:end])
            except (msgspec.DecodeError, RefusedError):
                return None
        except RefusedError:
            return None
        return DecodedPrefix(records, end) if records else None
    return None


def ends(text: bytes) -> Iterator[int]:
    """Yield offsets at which an object of a list may end, starting from the last.

    An object ends at a closing brace if a comma follows, and then an object that begins with the same key
    as the first one. Objects inside objects rarely match that.

    >>> list(ends(b'{"a": 1}, {"a": {"b": 2}} , {"a": 3'))
    [25, 8]
    """
    first = _FIRST_KEY.match(text)
    if first is None:
        return
    at = len(text)
    cuts = 0
    while cuts < _CUTS and (at := text.rfind(first[1], 1, at)) > 0:
        before = text[max(0, at - _GAP_BYTES) : at].rstrip(WHITE_SPACE)
        if not before.endswith(b"{"):
            continue
        before = before[:-1].rstrip(WHITE_SPACE)
        if not before.endswith(b","):
            continue
        before = before[:-1].rstrip(WHITE_SPACE)
        if before.endswith(b"}"):
            cuts += 1
            yield max(0, at - _GAP_BYTES) + len(before)
