"""The tables of predictions. They are apart from labels: no view, mart, check or export reads them."""

from labelhouse.schema.table import BIGINT, DOUBLE, POLYGONS, TIMESTAMP, VARCHAR, Column, Table

_SET_KEY = Column(
    "set_key",
    BIGINT,
    "Key of the prediction set: ingest_number * 2^32 + position of the list in its source.",
    "delta",
)
_POSITION = Column("position", BIGINT, "Index of the prediction in its list, from 0.", "delta")

PREDICTION_SETS = Table(
    "prediction_sets",
    "list of predictions of a model for a project; loading the list again replaces it",
    (
        _SET_KEY,
        Column("project", VARCHAR, "Project whose images the predictions are for.", "dictionary"),
        Column("model", VARCHAR, "Name of the model, as given to the load.", "dictionary"),
        Column("list_name", VARCHAR, "Name of the list: that of its file, or of the member of an archive."),
        Column("ingest_id", VARCHAR, "Ingest that wrote the set.", "dictionary"),
        Column("loaded_at", TIMESTAMP, "When that ingest began, UTC."),
        Column("prediction_count", BIGINT, "Predictions stored."),
        Column("unplaced_count", BIGINT, "Those of them that no comparison uses: issues say why."),
        Column("quarantined", BIGINT, "Records that could not be stored."),
        Column("issues", BIGINT, "Doubtful values that were stored."),
    ),
)

PREDICTIONS = Table(
    "predictions",
    "prediction of a model",
    (
        _SET_KEY,
        _POSITION,
        Column("document_id", VARCHAR, "Document of the image; null for an unknown image.", "dictionary"),
        Column("image_key", VARCHAR, "Image, by its stable identity; null for an unknown image."),
        Column("category_name", VARCHAR, "Name of the class; null for an unknown category.", "dictionary"),
        Column("image_id", BIGINT, "image_id as exported, or the number that stands for a text.", "delta"),
        Column("category_id", BIGINT, "category_id as exported.", "dictionary"),
        Column("bbox_x", DOUBLE, "Left edge of the bounding box, pixels."),
        Column("bbox_y", DOUBLE, "Top edge of the bounding box, pixels."),
        Column("bbox_w", DOUBLE, "Width of the bounding box, pixels."),
        Column("bbox_h", DOUBLE, "Height of the bounding box, pixels."),
        Column("segmentation_kind", VARCHAR, "polygon, rle, or none.", "dictionary"),
        Column("polygons", POLYGONS, "Rings as [x1, y1, x2, y2, ...] in pixels."),
        Column("rle_height", BIGINT, "Height of the RLE mask, pixels.", "dictionary"),
        Column("rle_width", BIGINT, "Width of the RLE mask, pixels.", "dictionary"),
        Column("rle_counts", VARCHAR, "COCO's compressed string, or the JSON list of run lengths."),
        Column("score", DOUBLE, "Score of the prediction, as exported."),
        Column("extra", VARCHAR, "JSON object of every other key; URLs keep scheme, host and path only."),
    ),
    ("set_key", "position"),
)

PREDICTION_KEYPOINTS = Table(
    "prediction_keypoints",
    "keypoint of a prediction",
    (
        _SET_KEY,
        Column("prediction_position", BIGINT, "position of the prediction in its list.", "delta"),
        Column("keypoint_index", BIGINT, "Index in the prediction's keypoints, from 0.", "dictionary"),
        Column("x", DOUBLE, "Horizontal position, pixels."),
        Column("y", DOUBLE, "Vertical position, pixels."),
        Column("visibility", DOUBLE, "Third number of the keypoint, often a score.", "dictionary"),
    ),
    ("set_key", "prediction_position"),
)

PREDICTION_ISSUES = Table(
    "prediction_issues",
    "record of a results list that could not be stored, or doubtful value that was stored",
    (
        _SET_KEY,
        _POSITION,
        Column("pointer", VARCHAR, "JSON pointer of the record or value in its list (RFC 6901)."),
        Column("code", VARCHAR, "Reason code; docs/reason-codes.md explains each.", "dictionary"),
        Column("message", VARCHAR, "What is wrong, in one line.", "dictionary"),
        Column("raw", VARCHAR, "The record as exported, if it could not be stored; without secrets."),
    ),
)

PREDICTION_TABLES = (PREDICTION_SETS, PREDICTIONS, PREDICTION_KEYPOINTS, PREDICTION_ISSUES)
