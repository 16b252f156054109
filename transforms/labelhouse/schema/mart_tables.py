"""The tables of the marts: aggregates that dashboards read, and how far they are fresh.

Those in DOCUMENT_MARTS are at the grain of a document version and hold what adds up (counts and sums): the
rows of a version that is gone go, those of a new one come, and nothing else is touched. sql/marts/ computes
them; the views of sql/views/ add them up per project.
"""

from labelhouse.schema.table import BIGINT, DOCUMENT_KEY, DOUBLE, TIMESTAMP, VARCHAR, Column, Table

_CATEGORY_NAME = Column(
    "category_name", VARCHAR, "Name of the category; null for labels without one.", "dictionary"
)
_SUPERCATEGORY = Column("supercategory", VARCHAR, "supercategory of the category.", "dictionary")
_LABEL_COUNT = Column("label_count", BIGINT, "Labels.")
_NAME = Column("name", VARCHAR, "Name of the classification, relation or attribute.", "dictionary")
_ORIGIN = Column("origin", VARCHAR, "classification, relation or attribute.", "dictionary")
_MANUAL_COUNT = Column("manual_count", BIGINT, "Labels drawn by a person (manual_annotation is true).")
_AUTOMATED_COUNT = Column(
    "automated_count", BIGINT, "Labels made by a model or interpolated (manual_annotation is false)."
)

MART_CLASS_BALANCE = Table(
    "mart_class_balance",
    "document version and class",
    (
        DOCUMENT_KEY,
        _CATEGORY_NAME,
        _SUPERCATEGORY,
        _LABEL_COUNT,
        Column("image_count", BIGINT, "Images with a label of the class."),
        _MANUAL_COUNT,
        _AUTOMATED_COUNT,
    ),
    ("document_key",),
)

MART_SHAPES = Table(
    "mart_shapes",
    "document version, class and shape",
    (
        DOCUMENT_KEY,
        _CATEGORY_NAME,
        _SUPERCATEGORY,
        Column(
            "shape",
            VARCHAR,
            "bounding_box, rotatable_bounding_box, polygon, polyline, bitmask, point or skeleton: the "
            "supercategory if it is one of them, else it follows from the label's geometry; none "
            "without geometry.",
            "dictionary",
        ),
        _LABEL_COUNT,
    ),
    ("document_key",),
)

MART_LABELS_PER_IMAGE = Table(
    "mart_labels_per_image",
    "document version and number of labels on an image",
    (
        DOCUMENT_KEY,
        Column("label_count", BIGINT, "Labels on one image, from 0."),
        Column("image_count", BIGINT, "Images with that many labels."),
    ),
    ("document_key",),
)

MART_IMAGE_COVERAGE = Table(
    "mart_image_coverage",
    "document version, including those without images",
    (
        DOCUMENT_KEY,
        Column("image_count", BIGINT, "Images."),
        Column("labelled_image_count", BIGINT, "Images with at least one label."),
        Column("label_count", BIGINT, "Labels, including those that refer to no image."),
        Column("image_area_px", DOUBLE, "Area of the images whose size is known, square pixels."),
        Column(
            "box_area_px",
            DOUBLE,
            "Sum of the areas of the bounding boxes inside those images, square pixels; overlaps count "
            "once per box.",
        ),
        Column(
            "covered_area_px",
            DOUBLE,
            "Area that at least one bounding box covers, square pixels: exact on images with up to 16 "
            "boxes, measured along 32 evenly spaced horizontal lines on others.",
        ),
    ),
    ("document_key",),
)

MART_SIZE_CLASSES = Table(
    "mart_size_classes",
    "document version, class and size class",
    (
        DOCUMENT_KEY,
        _CATEGORY_NAME,
        Column(
            "size_class",
            VARCHAR,
            "COCO's, by the area of the bounding box: small (below 32 x 32 pixels), medium (below "
            "96 x 96) or large; null without an extent (points, labels without a box).",
            "dictionary",
        ),
        _LABEL_COUNT,
        Column(
            "box_area_px",
            DOUBLE,
            "Sum of the areas of the boxes, or those stated without a box, square pixels.",
        ),
    ),
    ("document_key",),
)

MART_ATTRIBUTE_COMPLETENESS = Table(
    "mart_attribute_completeness",
    "document version, class and attribute",
    (
        DOCUMENT_KEY,
        _CATEGORY_NAME,
        _NAME,
        _ORIGIN,
        Column("present_count", BIGINT, "Labels that have the attribute, answered or not."),
        Column("answered_count", BIGINT, "Labels with an answer: neither null nor an empty text."),
        Column("number_count", BIGINT, "Answers that are numbers."),
        Column("number_sum", DOUBLE, "Sum of these numbers."),
        Column("number_min", DOUBLE, "Smallest of these numbers."),
        Column("number_max", DOUBLE, "Greatest of these numbers."),
    ),
    ("document_key",),
)

MART_ATTRIBUTE_VALUES = Table(
    "mart_attribute_values",
    "document version, class, attribute and value; the 100 most frequent values of each",
    (
        DOCUMENT_KEY,
        _CATEGORY_NAME,
        _NAME,
        _ORIGIN,
        Column(
            "value_type",
            VARCHAR,
            "string, number, boolean, null or json; other stands for all values beyond the 100.",
            "dictionary",
        ),
        Column(
            "value",
            VARCHAR,
            "The value as text, its first 200 characters; null for null and other.",
            "dictionary",
        ),
        Column("answer_count", BIGINT, "Answers with the value."),
    ),
    ("document_key",),
)

MART_KEYPOINT_VISIBILITY = Table(
    "mart_keypoint_visibility",
    "document version, class and joint",
    (
        DOCUMENT_KEY,
        _CATEGORY_NAME,
        Column("keypoint_index", BIGINT, "Index in the label's keypoints, from 0."),
        Column(
            "keypoint_name",
            VARCHAR,
            "Name of the joint in the category; null where the category has none.",
            "dictionary",
        ),
        Column("keypoint_count", BIGINT, "Keypoints of labels, whatever their visibility."),
        Column("unlabelled_count", BIGINT, "Those with visibility 0: not labelled."),
        Column("hidden_count", BIGINT, "Those with visibility 1: labelled, hidden."),
        Column("visible_count", BIGINT, "Those with visibility 2: labelled, visible."),
    ),
    ("document_key",),
)

MART_COOCCURRENCE = Table(
    "mart_cooccurrence",
    "document version and pair of classes on one image, including a class with itself",
    (
        DOCUMENT_KEY,
        Column("category_name", VARCHAR, "Name of the class that comes first by name.", "dictionary"),
        Column(
            "other_category_name",
            VARCHAR,
            "Name of the other class; the same in the row of a class by itself.",
            "dictionary",
        ),
        Column("image_count", BIGINT, "Images with labels of both."),
    ),
    ("document_key",),
)

MART_HEAT_MAP = Table(
    "mart_heat_map",
    "document version, class and cell of a grid of 20 x 20 over the image",
    (
        DOCUMENT_KEY,
        _CATEGORY_NAME,
        Column(
            "grid_x",
            BIGINT,
            "Column of the cell that holds the centre of the bounding box, 0 (left) to 19; null where the "
            "centre lies outside the image or is unknown.",
        ),
        Column("grid_y", BIGINT, "Row of that cell, 0 (top) to 19; null where grid_x is null."),
        _LABEL_COUNT,
    ),
    ("document_key",),
)

MART_TRACKS = Table(
    "mart_tracks",
    "document version and class of tracks (those of the view tracks)",
    (
        DOCUMENT_KEY,
        Column("category_name", VARCHAR, "Name of the category of the track's first label.", "dictionary"),
        Column("track_count", BIGINT, "Tracks."),
        Column("single_count", BIGINT, "Tracks on one frame only."),
        Column("label_count", BIGINT, "Labels of the tracks."),
        Column("image_count", BIGINT, "Sum of the frames with a label of each track."),
        Column("longest_images", BIGINT, "Such frames of the longest track."),
        Column("framed_count", BIGINT, "Tracks whose images have frames: all."),
        Column("span_frames", BIGINT, "Sum of the frames from the first to the last of each track."),
        Column("gap_frames", BIGINT, "Frames of the video in between without a label of the track."),
        Column("gap_count", BIGINT, "Tracks with such frames."),
        Column("switch_count", BIGINT, "Tracks whose labels have more than one class."),
    ),
    ("document_key",),
)

MART_CLASS_HISTORY = Table(
    "mart_class_history",
    "commit, project and class: what the project held after each ingest that changed it",
    (
        Column("project", VARCHAR, "Project.", "dictionary"),
        Column("ingest_number", BIGINT, "Number of the ingest (the last one if the commit has several)."),
        Column("ingest_id", VARCHAR, "Identity of that ingest.", "dictionary"),
        Column("ingested_at", TIMESTAMP, "When that ingest began, UTC."),
        _CATEGORY_NAME,
        Column("document_count", BIGINT, "Documents with a label of the class."),
        Column("image_count", BIGINT, "Images with a label of the class."),
        _LABEL_COUNT,
        _MANUAL_COUNT,
        _AUTOMATED_COUNT,
    ),
    ("ingest_number",),
)

MART_LABEL_CHURN = Table(
    "mart_label_churn",
    "ingest, document, class and kind of change",
    (
        Column("project", VARCHAR, "Project of the document.", "dictionary"),
        Column("ingest_number", BIGINT, "Number of the ingest that changed the labels."),
        Column("ingest_id", VARCHAR, "Identity of that ingest.", "dictionary"),
        Column("changed_at", TIMESTAMP, "When that ingest began, UTC."),
        Column("document_id", VARCHAR, "Document of the labels.", "dictionary"),
        Column("category_name", VARCHAR, "Name of the category, as label_changes has it.", "dictionary"),
        Column("change", VARCHAR, "added, removed or changed.", "dictionary"),
        _LABEL_COUNT,
    ),
    ("ingest_number",),
)

_PROJECT = Column("project", VARCHAR, "Project.", "dictionary")
_INGEST_ID = Column("ingest_id", VARCHAR, "Identity of that ingest.", "dictionary")
_INGESTED_AT = Column("ingested_at", TIMESTAMP, "When that ingest began, UTC.")
_STAGE = (
    Column("workflow_stage", VARCHAR, "Title of the workflow's stage, as label_rows has it.", "dictionary"),
    Column("label_status", VARCHAR, "label_status as exported.", "dictionary"),
    Column("task_status", VARCHAR, "annotation_task_status as exported.", "dictionary"),
)

MART_STAGE_HISTORY = Table(
    "mart_stage_history",
    "commit, project, stage and status of label rows: those that the project held after each ingest",
    (
        _PROJECT,
        Column("ingest_number", BIGINT, "Number of the ingest (the last one if the commit has several)."),
        _INGEST_ID,
        _INGESTED_AT,
        *_STAGE,
        Column("row_count", BIGINT, "Label rows in the stage and status."),
        Column("label_count", BIGINT, "Labels of these rows, without classifications."),
    ),
    ("ingest_number",),
)

MART_ROW_STAGES = Table(
    "mart_row_stages",
    "version of a label row that an ingest wrote",
    (
        _PROJECT,
        Column("ingest_number", BIGINT, "Number of the ingest that wrote it."),
        _INGEST_ID,
        _INGESTED_AT,
        Column("document_id", VARCHAR, "Document of the label row.", "dictionary"),
        *_STAGE,
    ),
    ("ingest_number",),
)

MART_STATE = Table(
    "mart_state",
    "warehouse: the state that the marts hold; no row before the first refresh",
    (
        Column("snapshot_id", BIGINT, "Snapshot whose rows the marts hold."),
        Column("ingest_number", BIGINT, "Highest ingest number among them."),
        Column("refreshed_at", TIMESTAMP, "When they were refreshed, UTC."),
        Column(
            "statements_hash",
            VARCHAR,
            "Hash of the statements that computed them; a build with others computes them all again.",
        ),
    ),
)

#: Marts at the grain of a document version, each computed by sql/marts/ under its name without mart_.
DOCUMENT_MARTS = (
    MART_CLASS_BALANCE,
    MART_SHAPES,
    MART_LABELS_PER_IMAGE,
    MART_IMAGE_COVERAGE,
    MART_SIZE_CLASSES,
    MART_ATTRIBUTE_COMPLETENESS,
    MART_ATTRIBUTE_VALUES,
    MART_KEYPOINT_VISIBILITY,
    MART_COOCCURRENCE,
    MART_HEAT_MAP,
    MART_TRACKS,
)
#: Marts of label rows, computed for each commit.
STAGE_MARTS = (MART_STAGE_HISTORY, MART_ROW_STAGES)
MART_TABLES = (*DOCUMENT_MARTS, MART_CLASS_HISTORY, MART_LABEL_CHURN, *STAGE_MARTS, MART_STATE)
