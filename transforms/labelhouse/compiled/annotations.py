"""Read labels of COCO JSON with the compiled library: from their text to columns of the tables.

The library takes labels of the ordinary forms, those that give no issue. It says of each other record where
it lies in the text; another reader has to look at it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from labelhouse.compiled.buffers import ANSWERS, KEYPOINTS, LABELS, MOST_BYTES, Buffers, read
from labelhouse.compiled.library import library
from labelhouse.schema.arrow_types import BIGINT, DOUBLE

Integers: TypeAlias = npt.NDArray[np.int64]

BLANKS: Sequence[tuple[tuple[str, ...], Any]] = (
    *(((key,), None) for key in ("bbox", "area", "iscrowd", "segmentation", "keypoints", "num_keypoints")),
    *(((key,), None) for key in ("track_id", "score", "attributes")),
    *(
        (("attributes", key), None)
        for key in ("track_id", "encord_track_uuid", "rotation", "manual_annotation")
    ),
    (("keypoints",), []),
    (("attributes", "classifications"), {}),
    (("attributes",), {}),
)
"""What each bit of `CompiledLabels.blanks` stands for: the path of a key and its blank value."""


@dataclass(frozen=True, slots=True)
class CompiledLabels:
    """Labels of a text as columns, and the records of it that were declined.

    `rows` has the index of each label among the records of the text. `columns` are those of the table
    annotations but document_key, position and blanks. `keypoints` and `attributes` are columns of these
    tables, and `keypoint_labels` and `attribute_labels` the label, as an index, that each of their rows
    belongs to. `row_sums` are the sums of the hashes of the `columns` of each label. `records` counts all
    records, and `end` is the offset behind the last.
    """

    rows: Integers
    columns: Mapping[str, pa.Array]
    blanks: npt.NDArray[np.uint32]
    row_sums: npt.NDArray[np.uint64]
    keypoint_labels: pa.Array
    keypoints: Mapping[str, pa.Array]
    attribute_labels: pa.Array
    attributes: Mapping[str, pa.Array]
    declined: Integers
    declined_starts: Integers
    declined_ends: Integers
    records: int
    end: int

    def declined_texts(self, text: bytes) -> list[bytes]:
        """Return the texts of the records that were declined; `text` is what was read."""
        spans = zip(self.declined_starts.tolist(), self.declined_ends.tolist(), strict=True)
        return [text[start:end] for start, end in spans]


def read_labels(text: bytes, max_attributes: int, *, may_end_early: bool = False) -> CompiledLabels | None:
    """Read records that are separated by commas; the text has to be UTF-8.

    With `may_end_early` the last record may be cut, and a closing bracket ends the records. A label with
    more attributes than `max_attributes` is declined. Returns None where the library is not there, and for
    a text that is not a list of records.
    """
    loaded = library()
    if loaded is None or len(text) > MOST_BYTES:
        return None
    buffers = read(loaded.labelhouse_annotations, text, max_attributes, may_end_early)
    return None if buffers is None else labels_of(buffers)


def labels_of(buffers: Buffers) -> CompiledLabels:
    """Take labels from the buffers of a result."""
    rows = buffers.numbers(np.int64)
    columns = {
        **{name: buffers.integers() for name in ("annotation_id", "image_id", "category_id")},
        **{name: buffers.doubles() for name in ("bbox_x", "bbox_y", "bbox_w", "bbox_h", "area")},
        "iscrowd": buffers.integers(),
        "segmentation_kind": buffers.texts(),
        "polygons": buffers.polygons(),
        **{name: buffers.integers() for name in ("rle_height", "rle_width")},
        "rle_counts": buffers.texts(),
        **{name: buffers.integers() for name in ("num_keypoints", "track_id")},
        "encord_track_uuid": buffers.texts(),
        "rotation": buffers.doubles(),
        "manual_annotation": buffers.booleans(len(rows)),
        "score": buffers.doubles(),
        "extra": buffers.texts(),
    }
    blanks = buffers.numbers(np.uint32)
    columns["content_hash"] = buffers.plain(BIGINT)
    row_sums = buffers.numbers(np.uint64)
    ids = ("annotation_id_text", "image_id_text", "category_id_text", "track_id_text")
    columns |= {name: buffers.texts() for name in ids}
    buffers.take_part(KEYPOINTS)
    keypoint_labels = buffers.plain(BIGINT)
    keypoints = {
        "keypoint_index": buffers.plain(BIGINT),
        **{name: buffers.plain(DOUBLE) for name in ("x", "y", "visibility")},
    }
    buffers.take_part(ANSWERS)
    attribute_labels = buffers.plain(BIGINT)
    attributes = {
        **{name: buffers.texts() for name in ("name", "origin", "value", "value_type")},
        "value_number": buffers.doubles(),
        "value_boolean": buffers.booleans(len(attribute_labels)),
    }
    buffers.take_part(LABELS)
    declined, starts, ends = (buffers.numbers(np.int64) for _ in range(3))
    return CompiledLabels(
        *(rows, columns, blanks, row_sums, keypoint_labels, keypoints, attribute_labels, attributes),
        *(declined, starts, ends, buffers.records, buffers.end),
    )
