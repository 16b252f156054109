"""The reference reader: ijson reads the envelope as a stream, and each block of records by itself."""

import io
import json
import math
from collections import Counter
from collections.abc import Iterator
from typing import BinaryIO, TypeVar, cast

import ijson

from labelhouse.coco.json_errors import may_hold_lone_surrogate, syntax_code, syntax_error
from labelhouse.coco.json_syntax import MAX_DIGITS
from labelhouse.coco.sections import Section
from labelhouse.coco.values import Json
from labelhouse.limits import BLOCK_BYTES, DEFAULT_LIMITS, Limits
from labelhouse.readers.chunks import RecordChunk
from labelhouse.readers.events import Block, Event, RawRecords, Refused, Run, columns_of
from labelhouse.readers.structural_index import Spans, spans_of
from labelhouse.readers.text_splitter import split_records
from labelhouse.reason_codes import ReasonCode

_Number = TypeVar("_Number", int, float)


def read(
    stream: BinaryIO, *, block_bytes: int = BLOCK_BYTES, limits: Limits = DEFAULT_LIMITS
) -> Iterator[Event]:
    """Yield the events of one JSON text; see readers/events.py for the contract."""
    counts: Counter[Section] = Counter()
    for event in split_records(stream, block_bytes=block_bytes, limits=limits):
        if isinstance(event, RecordChunk):
            block = block_of(event, counts[event.array.section])
            counts[block.section] += len(block.positions) + len(block.refused)
            yield block
        else:
            counts.clear()
            yield event


def block_of(record_chunk: RecordChunk, first_position: int) -> Block:
    """Decode a chunk of records with ijson; if ijson refuses it, decode it record by record."""
    if may_hold_lone_surrogate(record_chunk.text):
        return _record_by_record(record_chunk, first_position)
    try:
        records = _decode(record_chunk.text)
    except (ijson.JSONError, UnicodeDecodeError):
        return _record_by_record(record_chunk, first_position)
    spans = record_chunk.spans or spans_of(record_chunk.text)
    if len(records) != len(spans.starts) or set(map(type, records)) - {dict}:
        return _record_by_record(record_chunk, first_position)
    columns, extra = columns_of(record_chunk.array.section, cast("list[dict[str, Json]]", records))
    count = len(records)
    return Block(
        record_chunk.array.section,
        [Run(record_chunk.array.document, count)],
        range(first_position, first_position + count),
        columns,
        extra,
        RawRecords(record_chunk.text, spans),
    )


def _decode(text: bytes) -> list[Json]:
    # One buffer for the whole text: ijson would scan a token again at every buffer it spans. Its
    # generator is 2.5 times as fast as its push interface with a list to push to.
    array = io.BytesIO(b"[" + text + b"]")
    return list(ijson.items(array, "item", use_float=True, buf_size=len(text) + 2))


def _record_by_record(record_chunk: RecordChunk, first_position: int) -> Block:
    records: list[dict[str, Json]] = []
    positions: list[int] = []
    spans: list[tuple[int, int]] = []
    refused: list[Refused] = []
    of_containers = record_chunk.spans or spans_of(record_chunk.text)
    containers = zip(of_containers.starts, of_containers.ends, strict=True)
    for position, element in enumerate(_elements(record_chunk, of_containers), first_position):
        if element != {}:
            raw = json.dumps(element, ensure_ascii=False).encode()
            refused.append(_not_an_object(record_chunk.array.document, position, raw))
            continue
        start, end = next(containers)
        raw = record_chunk.text[start:end]
        record = _decode_one(raw, record_chunk, start, position)
        if isinstance(record, dict):
            records.append(record)
            positions.append(position)
            spans.append((start, end))
        else:
            refused.append(record)
    columns, extra = columns_of(record_chunk.array.section, records)
    raws = RawRecords(record_chunk.text, Spans([start for start, _ in spans], [end for _, end in spans]))
    runs = [Run(record_chunk.array.document, len(positions))]
    return Block(record_chunk.array.section, runs, positions, columns, extra, raws, refused)


def _elements(record_chunk: RecordChunk, spans: Spans) -> list[Json]:
    """Return the record chunk's elements in order: scalars unchanged, `{}` for each object or array."""
    gaps = []
    cursor = 0
    for start, end in zip(spans.starts, spans.ends, strict=True):
        gaps.append(record_chunk.text[cursor:start])
        cursor = end
    gaps.append(record_chunk.text[cursor:])
    try:
        return _decode(b"{}".join(gaps))
    except (ijson.JSONError, UnicodeDecodeError) as error:
        # The elements as they are say better what is wrong than those that stand for them. They are whole:
        # a comma behind the last one is an error.
        text = b"[" + record_chunk.text + b"]"
        pointer = record_chunk.array.pointer
        raise syntax_error(error, text, lambda at: record_chunk.offset + max(at - 1, 0), pointer) from None


def _decode_one(
    raw: bytes, record_chunk: RecordChunk, start: int, position: int
) -> dict[str, Json] | Refused:
    if may_hold_lone_surrogate(raw) and _holds_lone_surrogate(raw):
        # ijson replaces it by a question mark, joins it with the next text to another character, or fails.
        return Refused(
            record_chunk.array.document,
            position,
            ReasonCode.UNICODE,
            "half of a surrogate pair in a text",
            raw,
        )
    try:
        [record] = _decode(raw)
    except (ijson.JSONError, UnicodeDecodeError) as error:
        return _second_opinion(raw, error, record_chunk, start, position)
    return (
        record if isinstance(record, dict) else _not_an_object(record_chunk.array.document, position, raw)
    )


def _not_an_object(document: int, position: int, raw: bytes) -> Refused:
    return Refused(document, position, ReasonCode.WRONG_TYPE, "the record is not an object", raw)


def _second_opinion(
    raw: bytes, error: Exception, record_chunk: RecordChunk, start: int, position: int
) -> dict[str, Json] | Refused:
    """Read a record that ijson refused with Python's json, which knows integers of any size.

    yajl reports an integer outside 64 bits, and also the legal -2^63, as an overflow. Anything else that it
    refuses is not JSON, and then neither is the source.
    """
    reasons: list[str] = []

    def integer(text: str) -> int:
        # Python converts up to 4,300 digits.
        return int(text) if len(text) <= MAX_DIGITS else _out("an integer has no end", int, reasons)

    def number(text: str) -> float:
        double = float(text)
        too_large = "a number is beyond the range of a double"
        return _out(too_large, float, reasons) if math.isinf(double) else double

    def constant(_: str) -> float:
        return _out("NaN and Infinity are not JSON", float, reasons)

    # The whole record is read, even after a bad value: the rest must be JSON too.
    try:
        record: Json = json.loads(
            raw.decode(), parse_int=integer, parse_float=number, parse_constant=constant
        )
    except (ValueError, RecursionError):
        record, reasons = None, []
    if reasons:
        return Refused(record_chunk.array.document, position, ReasonCode.NUMBER_RANGE, reasons[0], raw)
    if isinstance(record, dict) and syntax_code(error) is ReasonCode.NUMBER_RANGE:
        return record
    pointer = f"{record_chunk.array.pointer}/{position}"
    raise syntax_error(error, raw, lambda at: record_chunk.offset + start + at, pointer) from None


def _out(reason: str, kind: type[_Number], reasons: list[str]) -> _Number:
    reasons.append(reason)
    return kind()


def _holds_lone_surrogate(raw: bytes) -> bool:
    """Return whether a record, if it is JSON, holds a text that UTF-8 cannot encode."""
    try:
        record = json.loads(raw.decode())
    except (ValueError, RecursionError):
        return False
    try:
        json.dumps(record, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False
