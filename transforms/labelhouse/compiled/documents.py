"""Read small documents of a list with the compiled library: their records, and where their parts lie."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from labelhouse.coco.sections import Section
from labelhouse.compiled.annotations import CompiledLabels, Integers, labels_of
from labelhouse.compiled.buffers import MOST_BYTES, read
from labelhouse.compiled.images import CompiledImages, images_of
from labelhouse.compiled.library import library

_COLUMNS = (
    *("starts", "ends", "category_starts", "category_ends", "image_counts", "label_counts"),
    *("others", "key_starts", "key_ends", "value_starts", "value_ends", "headers"),
)
_DECLINED, _, _OF_ENCORD = range(3)
"""Values of the column `headers`: native/source/documents.hpp has an enum of them."""


@dataclass(frozen=True, slots=True)
class CompiledDocuments:
    """Documents of a text: the columns of native/source/documents.hpp, their images and their labels.

    A part that a document has not got has -1. Nothing is known of what is in the categories. `titles` and
    `extras` are null for a document whose other values were declined.
    """

    images: CompiledImages
    labels: CompiledLabels
    columns: Mapping[str, Integers]
    titles: pa.Array
    extras: pa.Array

    @property
    def count(self) -> int:
        """How many documents there are."""
        return len(self.columns["starts"])

    @property
    def label_counts(self) -> Integers:
        """The labels of each document."""
        counts: Integers = np.maximum(self.columns["label_counts"], 0)
        return counts

    @property
    def image_counts(self) -> Integers:
        """The images of each document."""
        counts: Integers = np.maximum(self.columns["image_counts"], 0)
        return counts

    def sections(self) -> list[frozenset[Section]]:
        """Return which sections each document has."""
        names = ("image_counts", "category_starts", "label_counts")
        present = list(zip(*((self.columns[name] >= 0).tolist() for name in names), strict=True))
        kinds = {has: frozenset(_chosen(has)) for has in set(present)}
        return [kinds[has] for has in present]

    @property
    def spans(self) -> list[tuple[int, int]]:
        """Where each document lies in the text."""
        return list(zip(*(self.columns[name].tolist() for name in ("starts", "ends")), strict=True))

    def categories(self, text: bytes) -> list[bytes]:
        """Return the categories of each document."""
        starts, ends = (self.columns[name].tolist() for name in ("category_starts", "category_ends"))
        return [text[start:end] if start >= 0 else b"" for start, end in zip(starts, ends, strict=True)]

    @property
    def is_encord(self) -> npt.NDArray[np.bool_]:
        """Whether `info` of each document is as Encord alone writes it."""
        are_so: npt.NDArray[np.bool_] = self.columns["headers"] == _OF_ENCORD
        return are_so

    @property
    def declined(self) -> list[int]:
        """The documents whose other values were declined."""
        indices: list[int] = np.flatnonzero(self.columns["headers"] == _DECLINED).tolist()
        return indices

    def declined_values(self, text: bytes) -> list[tuple[int, str, bytes]]:
        """Return the other values that were declined: the index of the document, the key and the text."""
        names = ("others", "key_starts", "key_ends", "value_starts", "value_ends")
        chosen = self.columns["headers"][self.columns["others"]] == _DECLINED
        rows = zip(*(self.columns[name][chosen].tolist() for name in names), strict=True)
        return [
            (document, text[key:key_end].decode(), text[value:value_end])
            for document, key, key_end, value, value_end in rows
        ]


def _chosen(has: tuple[bool, ...]) -> list[Section]:
    sections = (Section.IMAGES, Section.CATEGORIES, Section.ANNOTATIONS)
    return [section for section, present in zip(sections, has, strict=True) if present]


def read_documents(text: bytes, max_attributes: int) -> CompiledDocuments | None:
    """Read whole documents that are separated by commas; the text has to be UTF-8.

    Returns None where the library is not there, and for a text that is of another form, or where a key of a
    document occurs twice or is spelled with an escape.
    """
    loaded = library()
    if loaded is None or len(text) > MOST_BYTES:
        return None
    buffers = read(loaded.labelhouse_documents, text, max_attributes)
    if buffers is None:
        return None
    labels = labels_of(buffers)
    columns = {name: buffers.numbers(np.int64) for name in _COLUMNS}
    titles, extras = buffers.texts(), buffers.texts()
    return CompiledDocuments(images_of(buffers), labels, columns, titles, extras)
