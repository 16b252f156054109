"""Complete the columns that the compiled library read to rows of the tables."""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from labelhouse.compiled.annotations import BLANKS
from labelhouse.compiled.images import IMAGE_BLANKS
from labelhouse.hashing.content_hash import completed_hashes, content_hashes
from labelhouse.hashing.row_hashes import Hashes
from labelhouse.normalise.blanks import texts_of_codes
from labelhouse.readers.events import CompiledBlock, CompiledImageBlock
from labelhouse.schema.arrow_types import VARCHAR
from labelhouse.schema.warehouse_tables import ANNOTATIONS, ATTRIBUTES, IMAGES, KEYPOINTS, Table


def compiled_batches(
    block: CompiledBlock, document_keys: pa.Array
) -> tuple[Mapping[Table, pa.RecordBatch], Hashes]:
    """Return the rows of a block by table without those of its other records, and the hash of each label.

    `document_keys` has the document of each label.
    """
    labels = block.labels
    positions = pa.array(block.positions)
    blanks = texts_of_codes(labels.blanks.astype(np.int64), BLANKS)
    columns = {**labels.columns, "document_key": document_keys, "position": positions, "blanks": blanks}
    rows = pa.record_batch(
        [columns[name] for name in ANNOTATIONS.narrow_arrow.names], schema=ANNOTATIONS.narrow_arrow
    )
    hashes = completed_hashes(labels.row_sums, {"position": positions, "blanks": blanks})
    children = {
        KEYPOINTS: _children(KEYPOINTS, rows, labels.keypoint_labels, labels.keypoints),
        ATTRIBUTES: _children(ATTRIBUTES, rows, labels.attribute_labels, labels.attributes),
    }
    return {ANNOTATIONS: rows, **children}, hashes


def compiled_image_batch(
    block: CompiledImageBlock, document_keys: pa.Array
) -> tuple[pa.RecordBatch, Hashes]:
    """Return the rows of a block without those of its other records, and the hash of each image.

    `document_keys` has the document of each image.
    """
    images = block.images
    positions = pa.array(block.positions)
    blanks = texts_of_codes(images.blanks.astype(np.int64), IMAGE_BLANKS)
    columns = {**images.columns, "document_key": document_keys, "position": positions, "blanks": blanks}
    nothing = pa.nulls(len(positions), VARCHAR)
    rows = pa.record_batch([columns.get(name, nothing) for name in IMAGES.arrow.names], schema=IMAGES.arrow)
    return rows, completed_hashes(images.row_sums, {"position": positions, "blanks": blanks})


def merged_images(
    rows: pa.RecordBatch, hashes: Hashes, others: pa.RecordBatch
) -> tuple[pa.RecordBatch, Hashes]:
    """Return images of whole documents in the order of the text, with those that were declined."""
    more = content_hashes(IMAGES, others)
    assert more is not None
    both = pa.concat_batches([rows, others])
    order = np.lexsort((both["position"].to_numpy(), both["document_key"].to_numpy()))
    return both.take(pa.array(order)), np.concatenate([hashes, more])[order]


def merged_batches(
    block: CompiledBlock,
    tables: Mapping[Table, pa.RecordBatch],
    hashes: Hashes,
    others: Mapping[Table, pa.RecordBatch],
) -> tuple[Mapping[Table, pa.RecordBatch], Hashes]:
    """Return the rows of a block in the order of the text, with those of its other records."""
    # A block of whole documents has a first record of each. Otherwise all records are of one object, and
    # may belong to several documents by turns: their positions are the order of the text.
    assert block.others is not None
    positions = np.concatenate([block.positions, np.array(block.others.positions, np.int64)])
    by_document = len(np.unique(positions)) < len(positions)
    merged = {}
    more = content_hashes(ANNOTATIONS, others[ANNOTATIONS])
    assert more is not None
    hashes = np.concatenate([hashes, more])
    for table, batch in tables.items():
        both = pa.concat_batches([batch, others[table]])
        place = both["position" if table is ANNOTATIONS else "annotation_position"].to_numpy()
        document = both["document_key"].to_numpy() if by_document else np.zeros(len(place))
        order = np.lexsort((place, document))
        merged[table] = both.take(pa.array(order))
        if table is ANNOTATIONS:
            hashes = hashes[order]
    return merged, hashes


def _children(
    table: Table, labels: pa.RecordBatch, of_labels: pa.Array, columns: Mapping[str, pa.Array]
) -> pa.RecordBatch:
    """Return rows of a table that belong to labels: `of_labels` has the index of each row's label."""
    keys = [labels[name].take(of_labels) for name in ("document_key", "position", "annotation_id")]
    return pa.record_batch([*keys, *columns.values()], schema=table.narrow_arrow)
