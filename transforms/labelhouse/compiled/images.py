"""Images of small documents, read with the compiled library to columns of the table images."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from labelhouse.compiled.annotations import Integers
from labelhouse.compiled.buffers import IMAGES, Buffers

IMAGE_BLANKS: Sequence[tuple[tuple[str, ...], None]] = tuple(
    ((key,), None) for key in ("width", "height", "coco_url", "image_title", "video_title")
)
"""What each bit of `CompiledImages.blanks` stands for: the path of a key that is null."""


@dataclass(frozen=True, slots=True)
class CompiledImages:
    """Images of a text as columns, and the records of it that were declined.

    `rows` has the index of each image among the records of the text. `columns` are those of the table
    images that may have a value, but document_key, position and blanks. `row_sums` are the sums of the
    hashes of the `columns` of each image.
    """

    rows: Integers
    columns: Mapping[str, pa.Array]
    blanks: npt.NDArray[np.uint32]
    row_sums: npt.NDArray[np.uint64]
    declined: Integers
    declined_starts: Integers
    declined_ends: Integers

    @property
    def records(self) -> int:
        """How many records there are."""
        return len(self.rows) + len(self.declined)

    def declined_texts(self, text: bytes) -> list[bytes]:
        """Return the texts of the records that were declined; `text` is what was read."""
        spans = zip(self.declined_starts.tolist(), self.declined_ends.tolist(), strict=True)
        return [text[start:end] for start, end in spans]


def images_of(buffers: Buffers) -> CompiledImages:
    """Take images from the buffers of a result."""
    buffers.take_part(IMAGES)
    rows = buffers.numbers(np.int64)
    columns = {
        "image_id": buffers.integers(),
        **{
            name: buffers.texts() for name in ("image_key", "file_name", "title", "media_type", "data_hash")
        },
        **{name: buffers.integers() for name in ("frame", "width", "height")},
        "coco_url": buffers.texts(),
    }
    blanks, row_sums = buffers.numbers(np.uint32), buffers.numbers(np.uint64)
    return CompiledImages(rows, columns, blanks, row_sums, *(buffers.numbers(np.int64) for _ in range(3)))
