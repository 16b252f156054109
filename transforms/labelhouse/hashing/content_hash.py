"""Which columns of a table are a document's content, and the hashes of its rows over them."""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from labelhouse.hashing.row_hashes import Hashes, mixed, row_hashes
from labelhouse.schema.label_row_tables import LABEL_ROW_TABLES
from labelhouse.schema.warehouse_tables import ANNOTATIONS, IMAGES, QUARANTINE, Table

_OWN_COLUMNS = frozenset({"document_key", "ingest_id", "member", "pointer", "video_id"})
"""Columns that identify a version of a document or a place in it, or repeat what `extra` holds."""
_OF_LABELS = (
    *("position", "annotation_id", "image_id", "category_id", "track_id", "encord_track_uuid"),
    *("extra", "blanks", "content_hash"),
    *("annotation_id_text", "image_id_text", "category_id_text", "track_id_text"),
    "row_extra",
)
"""Columns that a label's hash leaves out, and the hash, which covers keypoints and attributes too."""
CONTENT: Mapping[Table, tuple[str, ...]] = {
    IMAGES: tuple(name for name in IMAGES.arrow.names if name not in _OWN_COLUMNS),
    ANNOTATIONS: _OF_LABELS,
    QUARANTINE: tuple(name for name in QUARANTINE.arrow.names if name not in _OWN_COLUMNS),
    **{
        table: tuple(name for name in table.arrow.names if name not in _OWN_COLUMNS)
        for table in LABEL_ROW_TABLES
    },
}
"""Tables whose rows count for the fingerprint of their document, and the columns that do."""

_REPEATING = frozenset(
    column.name for table in CONTENT for column in table.columns if column.encoding == "dictionary"
)


def completed_hashes(sums: Hashes, columns: Mapping[str, pa.Array]) -> Hashes:
    """Return the hashes of labels from the sums over all but some columns, which are given."""
    return mixed(sums + row_hashes(columns, len(sums), _REPEATING))


def content_hashes(table: Table, batch: pa.RecordBatch) -> Hashes | None:
    """Return a hash of each row's content, ids and order included; None for tables that do not count."""
    if table not in CONTENT:
        return None
    kept = set(batch.schema.names)
    columns = {name: batch[name] for name in CONTENT[table] if name in kept}
    hashes = row_hashes(columns, batch.num_rows, _REPEATING)
    if table is ANNOTATIONS:
        # A missing and an empty list of rings have the same hash, but are not the same JSON.
        hashes += batch["polygons"].is_valid().to_numpy(zero_copy_only=False).astype(np.uint64)
    return mixed(hashes)
