"""Write documents as their sources had them, one COCO object each."""

from collections.abc import Iterable, Iterator

import msgspec

from labelhouse.coco.sections import Section
from labelhouse.exporting.columns import parts_of
from labelhouse.exporting.rows import DocumentEnvelope, ExportRows, Objects

ENCODE = msgspec.json.Encoder().encode


def listed(rows: ExportRows) -> Iterator[bytes]:
    """Yield the text of a JSON list of documents."""
    separator = b"[\n"
    for document in documents(rows):
        yield separator
        yield from document
        separator = b",\n"
    yield b"\n]\n"


def documents(rows: ExportRows) -> Iterator[Iterator[bytes]]:
    """Yield the text of each document in parts; the caller reads each to its end before the next one."""
    images = _Queue((index, images.objects) for index, images in rows.images())
    labels = _Queue((index, labels.objects) for index, labels in rows.annotations())
    for index, envelope in enumerate(rows.envelopes()):
        yield _document(envelope, images.of(index), labels.of(index))


def _document(
    envelope: DocumentEnvelope, images: Iterable[Objects], labels: Iterable[Objects]
) -> Iterator[bytes]:
    parts = {} if envelope.extra is None else parts_of(envelope.extra)
    present = envelope.sections.split(",")
    separator = b"{"
    for key in sorted(parts, key=lambda key: key != "info"):
        yield separator + ENCODE(key) + b": " + bytes(parts[key])
        separator = b",\n"
    for section, batches in (
        (Section.CATEGORIES, [envelope.categories]),
        (Section.IMAGES, images),
        (Section.ANNOTATIONS, labels),
    ):
        if section in present:
            yield separator + ENCODE(section.value) + b": "
            yield from array(batches)
            separator = b",\n"
    yield b"}"


def array(batches: Iterable[Objects]) -> Iterator[bytes]:
    """Yield the text of a JSON array, one record a line."""
    separator = b"[\n"
    for batch in batches:
        if text := b",\n".join(map(ENCODE, batch)):
            yield separator + text
            separator = b",\n"
    yield b"[]" if separator == b"[\n" else b"\n]"


class _Queue:
    """Return the batches of one document after the other."""

    def __init__(self, batches: Iterator[tuple[int, Objects]]) -> None:
        self._batches = batches
        self._next: tuple[int, Objects] | None = None

    def of(self, index: int) -> Iterator[Objects]:
        """Yield the batches of one document; the caller takes documents in order."""
        while True:
            if self._next is None:
                self._next = next(self._batches, None)
            if self._next is None or self._next[0] != index:
                return
            _, objects = self._next
            self._next = None
            yield objects


def only(rows: ExportRows) -> Iterator[bytes]:
    """Yield the text of the only document."""
    [document] = documents(rows)
    yield from document
    yield b"\n"
