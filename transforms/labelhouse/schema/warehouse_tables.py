"""The only place where a table or a column is named, typed and described.

Everything else derives from here: Arrow schemas, Parquet encodings and metadata, the DDL and comments
of the catalog, and docs/data-model.md.
"""

from labelhouse.schema.label_row_tables import (
    ATTRIBUTE_COLUMNS,
    KEYPOINT_COLUMNS,
    LABEL_COLUMNS,
    LABEL_ROW_TABLES,
    ONTOLOGY,
)
from labelhouse.schema.mart_tables import MART_TABLES
from labelhouse.schema.prediction_tables import PREDICTION_TABLES
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

_POSITION = Column(
    "position",
    BIGINT,
    "Index in the document's own list, from 0; of an object that was split into its data units, in "
    "the object's list.",
    "delta",
)
_ANNOTATION_POSITION = Column(
    "annotation_position", BIGINT, "position of the annotation in its document, from 0.", "delta"
)
_ANNOTATION_ID = Column(
    "annotation_id", BIGINT, "id of the annotation, unique at most within its document.", "delta"
)
_TEXT_ID = "as exported, if it is a text that spells no integer; the number beside it stands for it."
_BLANKS = Column(
    "blanks",
    VARCHAR,
    "JSON object of the keys that the export has with a null or empty value, where a column cannot show "
    "the difference from a missing key. A key whose column is null and that is not named here was missing.",
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
            "Stable identity within the project. In an Encord export: the first image's data hash, or the "
            "title of a document without images. Else: the file's path, with #n for the n-th document "
            "of a list.",
        ),
        Column("title", VARCHAR, "Title of the data unit (info.description)."),
        Column(
            "media_type",
            VARCHAR,
            "image, video, dicom, nifti or pdf, from the first image; null without images.",
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
            "Stable identity within the project: data hash and frame, else file_name, else the path of "
            "coco_url.",
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
        Column("coco_url", VARCHAR, "Address of the image: scheme, host and path only."),
        Column("extra", VARCHAR, "JSON object of every other key; " + _EXTRA_NOTE),
        _BLANKS,
        Column("image_id_text", VARCHAR, f"id of the image {_TEXT_ID}"),
        Column("video_id", VARCHAR, "video_id as text; null where the image has none.", "dictionary"),
        Column(
            "row_extra",
            VARCHAR,
            "JSON of what a frame of a label row has beside its objects: key, metadata, classifications.",
        ),
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
        Column("category_id_text", VARCHAR, f"id of the category {_TEXT_ID}"),
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
            "track_id of attributes, else of the annotation, else instance_id; exports may renumber it.",
            "delta",
        ),
        Column(
            "encord_track_uuid",
            VARCHAR,
            "attributes.encord_track_uuid: Encord's stable object hash.",
        ),
        Column(
            "rotation",
            DOUBLE,
            "attributes.rotation of the bounding box, else its angle elsewhere, degrees.",
        ),
        Column("manual_annotation", BOOLEAN, "attributes.manual_annotation: drawn by a person."),
        Column("score", DOUBLE, "score of a prediction, as exported."),
        Column("extra", VARCHAR, "JSON object of every other key; " + _EXTRA_NOTE),
        _BLANKS,
        Column(
            "content_hash",
            BIGINT,
            "Hash of the label's content (geometry, keypoints, attributes and the rest), without ids, "
            "order, image and category; equal in every export until the label changes.",
        ),
        Column("annotation_id_text", VARCHAR, f"id of the annotation {_TEXT_ID}"),
        Column("image_id_text", VARCHAR, f"id of the labelled image {_TEXT_ID}", "dictionary"),
        Column("category_id_text", VARCHAR, f"id of the category {_TEXT_ID}", "dictionary"),
        Column("track_id_text", VARCHAR, f"track_id {_TEXT_ID}", "dictionary"),
        *LABEL_COLUMNS,
    ),
    ("document_key", "position"),
    LABEL_COLUMNS,
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
        *KEYPOINT_COLUMNS,
    ),
    ("document_key", "annotation_position"),
    KEYPOINT_COLUMNS,
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
        *ATTRIBUTE_COLUMNS,
    ),
    ("document_key", "annotation_position"),
    ATTRIBUTE_COLUMNS,
)

INGESTS = Table(
    "ingests",
    "ingest of a source, including failed ones, or migration of the tables",
    (
        Column("ingest_id", VARCHAR, "Identity of the ingest."),
        Column("ingest_number", BIGINT, "Number of the ingest, ascending in one warehouse."),
        Column("project", VARCHAR, "Project the source was loaded into; null for a migration."),
        Column("source", VARCHAR, "File that was read."),
        Column("sha256", VARCHAR, "SHA-256 of the decoded bytes; for several members, of their digests."),
        Column("bytes", BIGINT, "Decoded bytes read."),
        Column("started_at", TIMESTAMP, "Start of the ingest, UTC."),
        Column("finished_at", TIMESTAMP, "End of the ingest, UTC."),
        Column(
            "status",
            VARCHAR,
            "committed, unchanged, rejected, predictions (stored apart from labels; the counts of rows are "
            "null), or migrated (the tables, to a newer schema).",
        ),
        Column("documents_added", BIGINT, "Documents that are new to the project."),
        Column("documents_changed", BIGINT, "Documents that replaced a version with another meaning."),
        Column(
            "documents_unchanged",
            BIGINT,
            "Documents equal to what the warehouse held, or with the same meaning under other ids.",
        ),
        Column("documents_removed", BIGINT, "Documents removed because a full load lacks them."),
        Column("documents_rejected", BIGINT, "Documents that could not be stored."),
        Column(
            "documents_renumbered",
            BIGINT,
            "Those of documents_unchanged that were stored again because their ids or order differ.",
        ),
        Column("document_count", BIGINT, "Rows written to documents; unchanged documents have none."),
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
            "Snapshot that the ingest's commit made; null for an ingest that changed nothing.",
        ),
        Column("error_code", VARCHAR, "Reason of a rejection."),
        Column("error", VARCHAR, "Reason of a rejection, in one line."),
        Column(
            "seconds",
            DOUBLE,
            "Work on the source: parsing it, and its share of the commit until this row. The rest of the "
            "time from started_at to finished_at it waited for other sources or processes.",
        ),
        Column(
            "authors",
            VARCHAR,
            "What became of people in the source: drop, or hash with a mark of the salt, and a mark of the "
            "people who are forgotten; null if they were kept, or nothing of the source was stored. The "
            "token of a person, where the status is forgot.",
        ),
    ),
)

_PROBLEM_COLUMNS = (
    Column("ingest_id", VARCHAR, "Ingest that found the record.", "dictionary"),
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
    "label whose identity does not follow from its own row (see label_id in the view labels)",
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
        Column("snapshot_id", BIGINT, "Snapshot that it made; it orders the changes.", "delta"),
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
            "Name of the label's category after the change; for a removed label, before it.",
            "dictionary",
        ),
        Column("change", VARCHAR, "added, removed or changed.", "dictionary"),
        Column(
            "fields",
            VARCHARS,
            "Fields that differ: category, bbox, area, iscrowd, segmentation, keypoints, num_keypoints, "
            "rotation, manual_annotation, score, extra, attributes.NAME, or a column of label rows from "
            "created_at to polygon_rings; null for added and removed.",
        ),
        Column(
            "before",
            VARCHAR,
            "JSON object of the differing fields before the change; the whole label if it was removed; "
            "null if it was added.",
        ),
        Column(
            "after",
            VARCHAR,
            "JSON object of the differing fields after the change; the whole label if it was added to a "
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
    "document equal to what the warehouse held when parsing began; read by the commit and not kept",
    (
        _DOCUMENT_KEY,
        Column("ingest_id", VARCHAR, "Ingest that found it."),
        Column("document_id", VARCHAR, "Identity of the document."),
        Column("fingerprint", VARCHAR, "Hash of its content."),
    ),
)

PARSED_DOCUMENTS = Table(
    "parsed_documents",
    "document of a source that was parsed; kept in parsed/ for the next load of the same bytes",
    (
        Column("position", BIGINT, "Index of the document in its source, from 0.", "delta"),
        Column("document_id", VARCHAR, "Identity of the document."),
        Column("fingerprint", VARCHAR, "Hash of its content."),
        Column("quarantined", BIGINT, "Records of it that could not be stored."),
        Column("issues", BIGINT, "Doubtful values of it."),
        Column("is_apart", BOOLEAN, "Whether it can be left out without the documents beside it."),
    ),
)

FENCE = Table(
    "fence",
    "warehouse; every commit raises it, so that one of two commits at once fails",
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
            "Project that was checked; null in the rows of checks of the warehouse as a whole.",
        ),
        Column("check_name", VARCHAR, "Name of the check: sql/checks/NAME.sql."),
        Column("severity", VARCHAR, "error, warning or info: what a failing row means."),
        Column("failing_count", BIGINT, "Rows that the check found; 0 if it passed."),
        Column("error", VARCHAR, "Why the check could not run; null if it ran."),
        Column("checked_at", TIMESTAMP, "When the check ran, UTC."),
    ),
)

FINDING_LOG = Table(
    "finding_log",
    "finding of a check, from the run that saw it first to the run that saw it gone",
    (
        Column(
            "finding_id",
            VARCHAR,
            "Identity of the finding: a hash of check, project, document, image, label and cause, so that "
            "it is the same in every export.",
        ),
        Column("check_name", VARCHAR, "Name of the check: sql/checks/NAME.sql.", "dictionary"),
        Column("severity", VARCHAR, "error, warning or info: what the finding means.", "dictionary"),
        Column(
            "cause",
            VARCHAR,
            "Short words, the same for all findings of one cause; null: what the check finds.",
            "dictionary",
        ),
        Column(
            "project", VARCHAR, "Project; null in a finding about the warehouse as a whole.", "dictionary"
        ),
        Column(
            "document_id",
            VARCHAR,
            "Document; null in a finding about the whole project.",
            "dictionary",
        ),
        Column("image_key", VARCHAR, "Image; null in a finding about no single image.", "dictionary"),
        Column("label_id", VARCHAR, "Identity of the label within its image; null in one about none."),
        Column(
            "category_name",
            VARCHAR,
            "Name of the label's category, or of the category that the finding is about.",
            "dictionary",
        ),
        Column("what", VARCHAR, "What is wrong, in words."),
        Column(
            "is_group",
            BOOLEAN,
            "Whether the finding stands for all rows of its cause that have no finding of their own, "
            "because there are too many.",
        ),
        Column("row_count", BIGINT, "Failing rows that the finding stands for."),
        Column("label_count", BIGINT, "Labels that the finding stands for; 0 for one about no label."),
        Column(
            "waived", VARCHAR, "Reason of the waiver that holds for it; null without one.", "dictionary"
        ),
        Column("first_seen_ingest_id", VARCHAR, "Latest ingest of the project when it was first seen."),
        Column("first_seen_at", TIMESTAMP, "When the run began that saw it first, UTC."),
        Column(
            "last_seen_ingest_id",
            VARCHAR,
            "Latest ingest of the project when it was last seen; null while it is open.",
        ),
        Column(
            "last_seen_at",
            TIMESTAMP,
            "When the last run began that saw it, UTC; null while it is open: then the last run of the "
            "check saw it.",
        ),
        Column("mended_ingest_id", VARCHAR, "Latest ingest of the project when it was gone; null if open."),
        Column("mended_at", TIMESTAMP, "When the run began that saw it gone, UTC; null while it is open."),
    ),
)

DEFINITIONS = Table(
    "definitions",
    "table, macro or view of the warehouse, and per column or parameter of one",
    (
        Column("kind", VARCHAR, "table, macro or view."),
        Column("name", VARCHAR, "Name of the table, macro or view."),
        Column(
            "item", VARCHAR, "Its column or parameter; null in the row of the table, macro or view itself."
        ),
        Column("meaning", VARCHAR, "What it means, with its unit."),
        Column(
            "statement_hash",
            VARCHAR,
            "Hash of the statements that made it; a build with another hash runs them again.",
        ),
    ),
)

SCHEMA_VERSION = 3
"""Raised with every change of a table; schema/migrations.py says what changed."""

#: Tables that a source stages as Parquet files and a commit registers, in this order.
STAGED_TABLES = (
    DOCUMENTS,
    CATEGORIES,
    IMAGES,
    ANNOTATIONS,
    KEYPOINTS,
    ATTRIBUTES,
    ONTOLOGY,
    *LABEL_ROW_TABLES,
    QUARANTINE,
    ISSUES,
)
SHARED_TABLES = (CATEGORIES, ONTOLOGY)
"""Staged tables whose rows belong to no document: each set of them is stored once."""
#: Tables whose rows belong to one version of a document and go when it is replaced.
DOCUMENT_TABLES = (
    ISSUES,
    QUARANTINE,
    *LABEL_ROW_TABLES,
    LABEL_IDS,
    ATTRIBUTES,
    KEYPOINTS,
    ANNOTATIONS,
    IMAGES,
    DOCUMENTS,
)
TABLES = (
    *STAGED_TABLES,
    LABEL_IDS,
    LABEL_CHANGES,
    INGESTS,
    CHECK_RESULTS,
    FENCE,
    DEFINITIONS,
    *PREDICTION_TABLES,
    *MART_TABLES,
    FINDING_LOG,
)
