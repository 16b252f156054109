"""Decode a block of small documents at once: all their records of a section become one block."""

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from operator import attrgetter
from typing import Any, Final

import msgspec

from labelhouse.coco.json_depth import depth_of
from labelhouse.coco.json_errors import may_hold_lone_surrogate
from labelhouse.coco.json_syntax import ENDLESS_NUMBER, MAX_DIGITS, WHITE_SPACE
from labelhouse.coco.sections import Section
from labelhouse.coco.values import MISSING, Json
from labelhouse.readers.bulk.records import (
    DecodedPrefix,
    RecordDecoder,
    RefusedError,
    decoded_prefix,
    ends,
)

_MAX_KEYS = 64
"""Blocks with more unknown keys than this are left to the splitter."""
_MAX_LESSONS = 8
"""Times that a text is decoded again, each with the keys that the decoding before it met."""
_ESCAPED_KEY = re.compile(rb'\\u00(?:2[013-589a-fA-F]|3[0-9abdfABDF]|[4-7][0-9a-fA-F])[^"]*"[ \t\r\n]*:')
"""The end of a key with escapes of plain ASCII: it may be another key in a different spelling."""
_UNNAMABLE = re.compile(r'[\\"\x00-\x1f]')
_DICTS = msgspec.json.Decoder(list[dict[str, msgspec.Raw]])
_LISTS = msgspec.json.Decoder(list[msgspec.Raw])
NO_TEXT: Final = msgspec.Raw()


class DocumentDecoder:
    """Decode documents of a list; learns their keys and, through the record decoders, those of records."""

    def __init__(self, records: Mapping[Section, RecordDecoder]) -> None:
        self._records = records
        self._keys: list[str] = ["info"]
        self._learnt: list[list[str]] = []
        """Keys of records that the decoder knows."""
        self._decoder: msgspec.json.Decoder[list[Any]] | None = None

    def decoded_prefix(self, text: bytes) -> DecodedPrefix | None:
        """Decode whole documents from the start of a text."""
        return prefix_of_documents(self.decode, text)

    def values_of(self, documents: Sequence[Any], text: bytes, max_depth: int) -> list[dict[str, Json]]:
        """Return the keys of each document besides its sections; `text` is what they were decoded from.

        Raises RefusedError where a key may occur twice in a document, because the decoder keeps only one of
        the two. Raises it also for values that need the ijson reader.
        """
        values_of_documents: list[dict[str, Json]] = [{} for _ in documents]
        present = {section.value: sum(self.present(documents, section)) for section in Section}
        known: dict[bytes, Json] = {}
        for number, key in enumerate(self._keys):
            texts = [bytes(raw) for raw in map(attrgetter(f"key_{number}"), documents)]
            present[key] = sum(map(bool, texts))
            for values, raw in zip(values_of_documents, texts, strict=True):
                if raw:
                    if raw not in known:
                        known[raw] = document_value(raw, max_depth)
                    values[key] = known[raw]
        _check_once(text, present)
        return values_of_documents

    def present(self, documents: Sequence[Any], section: Section) -> list[bool]:
        """Return which documents have a section."""
        if section is Section.CATEGORIES:
            return [bool(bytes(document.categories)) for document in documents]
        return [records is not MISSING for records in map(attrgetter(section.value), documents)]

    def decode(self, text: bytes | memoryview) -> list[Any]:
        """Decode a text of documents joined by commas. Raises DecodeError, or RefusedError."""
        array = b"".join((b"[", text, b"]"))
        for _ in range(_MAX_LESSONS):
            learnt = [list(decoder.others) for decoder in self._records.values()]
            if self._decoder is None or learnt != self._learnt:
                self._learnt = learnt
                self._decoder = msgspec.json.Decoder(list[self._document()])  # type: ignore[misc]
            try:
                return self._decoder.decode(array)
            except msgspec.ValidationError:
                self._learn(array)
            except (UnicodeDecodeError, RecursionError):
                raise RefusedError from None
        raise RefusedError

    def _learn(self, array: bytes) -> None:
        """Learn keys that are not known yet. Raises RefusedError if unknown keys are not the cause."""
        try:
            documents = _DICTS.decode(array)
        except (msgspec.ValidationError, UnicodeDecodeError, RecursionError):
            raise RefusedError from None
        sections = set(Section)
        keys = [key for key in dict.fromkeys(chain.from_iterable(documents)) if key not in sections]
        if len(keys) > _MAX_KEYS or any(map(_UNNAMABLE.search, keys)):
            raise RefusedError
        both = list(dict.fromkeys([*self._keys, *keys]))
        self._keys = both if len(both) <= _MAX_KEYS else keys
        # Even if the records are refused: the next documents are decoded with these keys.
        self._decoder = None
        for section in (Section.IMAGES, Section.ANNOTATIONS):
            texts = [bytes(raw) for document in documents if (raw := document.get(section)) is not None]
            records = [inside for text in texts if (inside := text[1:-1].strip(WHITE_SPACE))]
            try:
                self._records[section].decode(b",".join(records))
            except msgspec.DecodeError:
                raise RefusedError from None

    def _document(self) -> Any:
        names = {f"key_{number}": key for number, key in enumerate(self._keys)}
        return msgspec.defstruct(
            "Document",
            [
                ("categories", msgspec.Raw, NO_TEXT),
                *(
                    (section.value, list[self._records[section].record_type()], MISSING)  # type: ignore[misc]
                    for section in (Section.IMAGES, Section.ANNOTATIONS)
                ),
                *((name, msgspec.Raw, NO_TEXT) for name in names),
            ],
            rename=names,
            forbid_unknown_fields=True,
            gc=False,
        )


def prefix_of_documents(
    decode: Callable[[bytes | memoryview], list[Any]], text: bytes
) -> DecodedPrefix | None:
    """Decode whole documents from the start of a text, as many as surely end in it."""
    # If a text holds no end of a document and stops inside one, decoding cannot succeed.
    cuts = list(ends(text))
    if not cuts and text.rstrip(WHITE_SPACE)[-1:] not in (b"}", b"]"):
        return None
    return decoded_prefix(decode, text, cuts)


class RawOfDocuments:
    """The JSON text of each record of a section of several documents, found at the first use."""

    def __init__(self, text: bytes, section: Section) -> None:
        self._text = text
        self._section = section
        self._records: list[bytes] | None = None

    def __getitem__(self, row: int) -> bytes:
        """Return the text of one record."""
        if self._records is None:
            documents = _DICTS.decode(b"[%b]" % self._text)
            lists = (_LISTS.decode(document.get(self._section, b"[]")) for document in documents)
            self._records = [bytes(record) for record in chain.from_iterable(lists)]
        return self._records[row]


def runs_of_equal_texts(documents: Sequence[Any]) -> Iterator[tuple[bytes, list[int]]]:
    """Yield each text of categories that documents have, and the indices of those that have it."""
    runs: dict[bytes, list[int]] = {}
    for index, document in enumerate(documents):
        if text := bytes(document.categories):
            runs.setdefault(text, []).append(index)
    yield from runs.items()


def _check_once(text: bytes, present: Mapping[str, int]) -> None:
    """Raise RefusedError unless each key stands in as many documents of a text as it is spelled there.

    Text within a value that is spelled like a key does not count. A value that was replaced by a later one
    of the same key is in none of the values that are left.
    """
    if b"\\" in text and b"\\u00" in text and _ESCAPED_KEY.search(text):
        raise RefusedError
    spelled = {key: f'"{key}"'.encode() for key, count in present.items() if count}
    surplus = {key: text.count(spelling) - present[key] for key, spelling in spelled.items()}
    if any(surplus.values()):
        values = b"\n".join(chain.from_iterable(map(dict.values, _DICTS.decode(b"[%b]" % text))))
        if any(values.count(spelled[key]) != count for key, count in surplus.items() if count):
            raise RefusedError


def document_value(raw: bytes, max_depth: int) -> Json:
    """Decode a value outside records as the envelope does: integers of any size, no infinite doubles.

    Raises RefusedError.
    """
    if may_hold_lone_surrogate(raw) or (len(raw) > MAX_DIGITS and ENDLESS_NUMBER.search(raw)):
        raise RefusedError
    try:
        value: Json = json.loads(raw, parse_float=_finite, parse_constant=_finite)
    except (ValueError, RecursionError):
        raise RefusedError from None
    if depth_of(value) + 2 > max_depth:
        raise RefusedError
    return value


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise RefusedError
    return number
