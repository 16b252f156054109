"""The only place where a table or a column is named, typed and described.

Everything else derives from here: Arrow schemas, Parquet encodings and metadata, the DDL and comments
of the catalog, and docs/data-model.md.
"""

from labelhouse.schema.mart_tables import MART_TABLES
from labelhouse.schema.table import BIGINT as BIGINT
from labelhouse.schema.table import BOOLEAN as BOOLEAN
from labelhouse.schema.table import DOCUMENT_KEY as _DOCUMENT_KEY
from labelhouse.schema.table import DOUBLE as DOUBLE
from labelhouse.schema.table import EDGES as EDGES
from labelhouse.schema.table import POLYGONS as POLYGONS
from labelhouse.schema.table import TIMESTAMP as TIMESTAMP
from labelhouse.schema.table import VARCHAR as VARCHAR
from labelhouse.schema.table import VARCHARS as VARCHARS
from labelhouse.schema.table import Column as Column
from labelhouse.schema.table import Encoding as Encoding
from labelhouse.schema.table import Table as Table

_POSITION = Column("position", BIGINT, "Index in the document's own list, from 0.", "delta")
_ANNOTATION_POSITION = Column(
    "annotation_position", BIGINT, "position of the annotation in its document, from 0.", "delta"
)
_ANNOTATION_ID = Column(
    "annotation_id", BIGINT, "id of the annotation, unique at most within its document.", "delta"
)
_BLANKS = Column(
    "blanks",
    VARCHAR,
    "JSON object of the keys that the export has with a null or empty value where the columns cannot tell "
    "it from a missing key; a key whose column is null and that is not named here was missing.",
    "dictionary",
)
_EXTRA_NOTE = "null when there is none. URLs keep scheme, host and path only."

DOCUMENTS = Table(
    "documents",
    "data unit in its current version",
    (
        _DOCUMENT_KEY,
        Column("project", VARCHAR, "Project the document was loaded into.", "dictionary"),
        Column(
            "document_id",
            VARCHAR,
            "Stable identity within the project: in an Encord export the first image's data hash (without "
            "images its title), else the path of the file, with #n for the n-th document of a list.",
        ),
        Column("title", VARCHAR, "Title of the data unit (info.description)."),
        Column(
            "media_type",
            VARCHAR,
            "image, video, dicom, nifti or pdf, read off the first image; null without images.",
            "dictionary",
        ),
        Column("source", VARCHAR, "File the document came from.", "dictionary"),
        Column("member", VARCHAR, "Member of the zip archive, null outside one.", "dictionary"),
        Column("position", BIGINT, "Index of the document in its source, from 0.", "delta"),
        Column(
            "category_set",
            VARCHAR,
            "Key of the document's category list in categories.",
            "dictionary",
        ),
        Column("image_count", BIGINT, "Images stored for the document."),
        Column("annotation_count", BIGINT, "Annotations stored for the document."),
        Column(
            "fingerprint",
            VARCHAR,
            "Hash of the document's content as stored; signed parts of URLs and file names do not count.",
        ),
        Column("ingest_id", VARCHAR, "Ingest that wrote this version.", "dictionary"),
        Column(
            "extra",
            VARCHAR,
            "JSON object of info, licenses and every other top-level key; " + _EXTRA_NOTE,
        ),
        Column(
            "sections",
            VARCHAR,
            "Which of images, categories and annotations the document has, comma-separated.",
            "dictionary",
        ),
    ),
    ("document_key",),
)

IMAGES = Table(
    "images",
    "image or frame",
    (
        _DOCUMENT_KEY,
        _POSITION,
        Column("image_id", BIGINT, "id of the image, unique at most within its document.", "delta"),
        Column(
            "image_key",
            VARCHAR,
            "Stable identity within the project: data hash and frame, else file_name.",
        ),
        Column("file_name", VARCHAR, "file_name as exported."),
        Column("title", VARCHAR, "image_title or video_title.", "dictionary"),
        Column(
            "media_type",
            VARCHAR,
            "image, video, dicom, nifti or pdf, from file_name.",
            "dictionary",
        ),
        Column(
            "data_hash",
            VARCHAR,
            "Hash of the data unit inside file_name; null elsewhere.",
            "dictionary",
        ),
        Column("frame", BIGINT, "Frame, slice or page inside file_name; null for single images."),
        Column("width", BIGINT, "Width in pixels.", "dictionary"),
        Column("height", BIGINT, "Height in pixels.", "dictionary"),
        Column("coco_url", VARCHAR, "Where the image lies: scheme, host and path only."),
        Column("extra", VARCHAR, "JSON object of every other key; " + _EXTRA_NOTE),
        _BLANKS,
    ),
    ("document_key", "position"),
)

CATEGORIES = Table(
    "categories",
    "category of a category set",
    (
        Column(
            "category_set",
            VARCHAR,
            "Hash of a document's whole category list: one version of an ontology. Stored once.",
            "dictionary",
        ),
        _POSITION,
        Column("category_id", BIGINT, "id of the category, unique at most within its set.", "delta"),
        Column("name", VARCHAR, "Name of the category."),
        Column(
            "supercategory",
            VARCHAR,
            "supercategory; in Encord exports the shape of the label.",
            "dictionary",
        ),
        Column("keypoints", VARCHARS, "Names of the keypoints, in order."),
        Column(
            "skeleton",
            EDGES,
            "Edges as pairs of keypoint numbers, as exported.",
        ),
        Column("extra", VARCHAR, "JSON object of every other key; " + _EXTRA_NOTE),
        _BLANKS,
    ),
    ("category_set", "position"),
)

ANNOTATIONS = Table(
    "annotations",
    "label",
    (
        _DOCUMENT_KEY,
        _POSITION,
        _ANNOTATION_ID,
        Column("image_id", BIGINT, "id of the labelled image in the same document.", "delta"),
        Column(
            "category_id",
            BIGINT,
            "id of the category in the document's category set.",
            "dictionary",
        ),
        Column("bbox_x", DOUBLE, "Left edge of the bounding box, pixels."),
        Column("bbox_y", DOUBLE, "Top edge of the bounding box, pixels."),
        Column("bbox_w", DOUBLE, "Width of the bounding box, pixels."),
        Column("bbox_h", DOUBLE, "Height of the bounding box, pixels."),
        Column("area", DOUBLE, "area as exported, square pixels."),
        Column("iscrowd", BIGINT, "1 for a crowd or mask label, else 0.", "dictionary"),
        Column(
            "segmentation_kind",
            VARCHAR,
            "polygon, rle, or none (an empty, null or missing segmentation).",
            "dictionary",
        ),
        Column(
            "polygons",
            POLYGONS,
            "Rings as [x1, y1, x2, y2, ...] in pixels; empty for an empty segmentation, null without one.",
        ),
        Column("rle_height", BIGINT, "Height of the RLE mask, pixels.", "dictionary"),
        Column("rle_width", BIGINT, "Width of the RLE mask, pixels.", "dictionary"),
        Column(
            "rle_counts",
            VARCHAR,
            "COCO's compressed string, or the JSON list of run lengths when the export has a list.",
        ),
        Column(
            "num_keypoints",
            BIGINT,
            "num_keypoints as exported (Encord also counts unlabelled ones); recount from keypoints.",
            "dictionary",
        ),
        Column(
            "track_id",
            BIGINT,
            "track_id as exported (renumbered in every export), of attributes or else of the annotation.",
            "delta",
        ),
        Column(
            "encord_track_uuid",
            VARCHAR,
            "attributes.encord_track_uuid: Encord's stable object hash.",
        ),
        Column("rotation", DOUBLE, "attributes.rotation of the bounding box, degrees."),
        Column("manual_annotation", BOOLEAN, "attributes.manual_annotation: drawn by a person."),
        Column("score", DOUBLE, "score of a prediction, as exported."),
        Column("extra", VARCHAR, "JSON object of every other key; " + _EXTRA_NOTE),
        _BLANKS,
        Column(
            "content_hash",
            BIGINT,
            "Hash of what the label says (geometry, keypoints, attributes and the rest), without ids, "
            "order, image and category; equal in every export as long as nobody changes the label.",
        ),
    ),
    ("document_key", "position"),
)

KEYPOINTS = Table(
    "keypoints",
    "keypoint of a label",
    (
        _DOCUMENT_KEY,
        _ANNOTATION_POSITION,
        _ANNOTATION_ID,
        Column("keypoint_index", BIGINT, "Index in the annotation's keypoints, from 0.", "dictionary"),
        Column("x", DOUBLE, "Horizontal position, pixels.", "dictionary"),
        Column("y", DOUBLE, "Vertical position, pixels.", "dictionary"),
        Column("visibility", DOUBLE, "0 not labelled, 1 labelled but hidden, 2 visible.", "dictionary"),
    ),
    ("document_key", "annotation_position"),
)

ATTRIBUTES = Table(
    "attributes",
    "answer or attribute of a label",
    (
        _DOCUMENT_KEY,
        _ANNOTATION_POSITION,
        _ANNOTATION_ID,
        Column("name", VARCHAR, "Name of the classification, relation or attribute.", "dictionary"),
        Column(
            "origin",
            VARCHAR,
            "classification (in attributes.classifications), relation (#relation) or attribute (others).",
            "dictionary",
        ),
        Column(
            "value",
            VARCHAR,
            "The value as text: a string itself, anything else as JSON; null for null.",
            "dictionary",
        ),
        Column("value_type", VARCHAR, "string, number, boolean, null or json.", "dictionary"),
        Column("value_number", DOUBLE, "The value, if it is a number."),
        Column("value_boolean", BOOLEAN, "The value, if it is a boolean."),
    ),
    ("document_key", "annotation_position"),
)

INGESTS = Table(
    "ingests",
    "attempt to load a source, failed ones too",
    (
        Column("ingest_id", VARCHAR, "Identity of the attempt."),
        Column("ingest_number", BIGINT, "Number of the attempt, ascending in one warehouse."),
        Column("project", VARCHAR, "Project the source was loaded into."),
        Column("source", VARCHAR, "File that was read."),
        Column("sha256", VARCHAR, "SHA-256 of the decoded bytes (of its members' digests for several)."),
        Column("bytes", BIGINT, "Decoded bytes read."),
        Column("started_at", TIMESTAMP, "Start of the attempt, UTC."),
        Column("finished_at", TIMESTAMP, "End of the attempt, UTC."),
        Column("status", VARCHAR, "committed, unchanged or rejected."),
        Column("documents_added", BIGINT, "Documents that are new to the project."),
        Column("documents_changed", BIGINT, "Documents that replaced a version of another meaning."),
        Column(
            "documents_unchanged",
            BIGINT,
            "Documents equal to what the warehouse held, or of the same meaning under other ids.",
        ),
        Column("documents_removed", BIGINT, "Documents removed because a full load lacks them."),
        Column("documents_rejected", BIGINT, "Documents that could not be stored."),
        Column(
            "documents_renumbered",
            BIGINT,
            "Those of documents_unchanged that were stored anew for other ids or another order.",
        ),
        Column("document_count", BIGINT, "Rows written to documents: none for those unchanged."),
        Column("image_count", BIGINT, "Rows written to images."),
        Column("category_count", BIGINT, "Rows written to categories."),
        Column("annotation_count", BIGINT, "Rows written to annotations."),
        Column("keypoint_count", BIGINT, "Rows written to keypoints."),
        Column("attribute_count", BIGINT, "Rows written to attributes."),
        Column("quarantined", BIGINT, "Records that could not be stored."),
        Column("issues", BIGINT, "Doubtful values that were stored."),
        Column(
            "snapshot_id",
            BIGINT,
            "Snapshot that the ingest's commit made; null for an attempt that changed nothing.",
        ),
        Column("error_code", VARCHAR, "Reason of a rejection."),
        Column("error", VARCHAR, "Reason of a rejection, in one line."),
    ),
)

_PROBLEM_COLUMNS = (
    Column("ingest_id", VARCHAR, "Ingest that met the record.", "dictionary"),
    _DOCUMENT_KEY,
    Column("member", VARCHAR, "Member of the zip archive, null outside one.", "dictionary"),
    Column("section", VARCHAR, "images, categories or annotations.", "dictionary"),
    _POSITION,
    Column("pointer", VARCHAR, "JSON pointer of the record or value in its file (RFC 6901)."),
    Column("code", VARCHAR, "Reason code; docs/reason-codes.md explains each.", "dictionary"),
    Column("message", VARCHAR, "What is wrong, in one line.", "dictionary"),
)

QUARANTINE = Table(
    "quarantine",
    "record that could not be stored",
    (*_PROBLEM_COLUMNS, Column("raw", VARCHAR, "The record as exported; " + _EXTRA_NOTE)),
    ("document_key", "position"),
)

ISSUES = Table(
    "issues",
    "doubtful value that was stored",
    _PROBLEM_COLUMNS,
    ("document_key", "position"),
)

LABEL_IDS = Table(
    "label_ids",
    "label whose identity is not the one that its own row tells (see label_id in the view labels)",
    (
        _DOCUMENT_KEY,
        _ANNOTATION_POSITION,
        Column(
            "label_id",
            VARCHAR,
            "Identity of the label within its image. Labels without a row here have their "
            "encord_track_uuid, else # and their annotation_id, else @ and their position.",
        ),
    ),
    ("document_key", "annotation_position"),
)

LABEL_CHANGES = Table(
    "label_changes",
    "label added, removed or changed by an ingest",
    (
        Column("ingest_id", VARCHAR, "Ingest that changed the label.", "dictionary"),
        Column("ingest_number", BIGINT, "Number of that ingest.", "delta"),
        Column("snapshot_id", BIGINT, "Snapshot that it made; changes are in the order of these.", "delta"),
        Column("changed_at", TIMESTAMP, "When that ingest began, UTC.", "dictionary"),
        Column("project", VARCHAR, "Project of the document.", "dictionary"),
        Column("document_id", VARCHAR, "Document of the label.", "dictionary"),
        Column(
            "image_key", VARCHAR, "Image of the label; null for one that refers to no image.", "dictionary"
        ),
        Column("label_id", VARCHAR, "Identity of the label within its image."),
        Column(
            "category",
            VARCHAR,
            "Name of the label's category after the change, before it for one that was removed.",
            "dictionary",
        ),
        Column("change", VARCHAR, "added, removed or changed.", "dictionary"),
        Column(
            "fields",
            VARCHARS,
            "What differs: category, bbox, area, iscrowd, segmentation, keypoints, num_keypoints, "
            "rotation, manual_annotation, score, extra, or attributes.NAME; null for added and removed.",
        ),
        Column(
            "before",
            VARCHAR,
            "JSON object of what differs, before the change; all of the label if it was removed; "
            "null if added.",
        ),
        Column(
            "after",
            VARCHAR,
            "JSON object of what differs, after the change; all of the label if it was added to a "
            "document that the project had; null if it came with its document, or was removed.",
        ),
    ),
)

DOCUMENT_POINTERS = Table(
    "document_pointers",
    "staged document; read by the commit and not kept",
    (_DOCUMENT_KEY, Column("pointer", VARCHAR, "JSON pointer of the document in its text.")),
)

UNCHANGED_DOCUMENTS = Table(
    "unchanged_documents",
    "document that is what the warehouse held when parsing began; read by the commit and not kept",
    (
        _DOCUMENT_KEY,
        Column("ingest_id", VARCHAR, "Ingest that met it."),
        Column("document_id", VARCHAR, "Identity of the document."),
        Column("fingerprint", VARCHAR, "Hash of its content."),
    ),
)

FENCE = Table(
    "fence",
    "warehouse: raised by every commit, so that of two at once one fails",
    (
        Column("commits", BIGINT, "Commits so far."),
        Column("schema_version", BIGINT, "Version of the tables."),
    ),
)

CHECK_RESULTS = Table(
    "check_results",
    "check of a project's state after an ingest, by its latest run",
    (
        Column("ingest_id", VARCHAR, "Latest ingest of the project when the check ran."),
        Column(
            "project",
            VARCHAR,
            "Project that was checked; null in the rows of checks that are about the warehouse as a whole.",
        ),
        Column("check_name", VARCHAR, "Name of the check: sql/checks/NAME.sql."),
        Column("severity", VARCHAR, "error or warning: what a failing row means."),
        Column("failing_count", BIGINT, "Rows that the check found; 0 if all is well."),
        Column("error", VARCHAR, "Why the check could not run, null if it did."),
        Column("checked_at", TIMESTAMP, "When the check ran, UTC."),
    ),
)

DEFINITIONS = Table(
    "definitions",
    "table, macro or view of the warehouse, and per column or parameter of one",
    (
        Column("kind", VARCHAR, "table, macro or view."),
        Column("name", VARCHAR, "Name of the table, macro or view."),
        Column("item", VARCHAR, "Its column or parameter; null in the row of the thing itself."),
        Column("meaning", VARCHAR, "What it means, with its unit."),
        Column(
            "statement_hash",
            VARCHAR,
            "Hash of the statements that made it; where it differs from this build's they are run again.",
        ),
    ),
)

SCHEMA_VERSION = 2
"""Raised with every change of a table; the CHANGELOG tells how to migrate."""

#: Tables that a source stages as Parquet files and a commit registers, in this order.
STAGED_TABLES = (
    DOCUMENTS,
    CATEGORIES,
    IMAGES,
    ANNOTATIONS,
    KEYPOINTS,
    ATTRIBUTES,
    QUARANTINE,
    ISSUES,
)
#: Tables whose rows belong to one version of a document and go when it is replaced.
DOCUMENT_TABLES = (ISSUES, QUARANTINE, LABEL_IDS, ATTRIBUTES, KEYPOINTS, ANNOTATIONS, IMAGES, DOCUMENTS)
TABLES = (
    *STAGED_TABLES,
    LABEL_IDS,
    LABEL_CHANGES,
    INGESTS,
    CHECK_RESULTS,
    FENCE,
    DEFINITIONS,
    *MART_TABLES,
)
