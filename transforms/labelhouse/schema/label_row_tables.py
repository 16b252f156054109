"""The tables that only label rows fill: who, when, which stage, classifications, ranges, ontologies."""

from labelhouse.schema.table import (
    BIGINT,
    BOOLEAN,
    DOCUMENT_KEY,
    DOUBLE,
    INTEGERS,
    TIMESTAMP,
    VARCHAR,
    Column,
    Table,
)

_EXTRA = "null when there is none. URLs keep scheme, host and path only."


def _index(what: str) -> Column:
    return Column("position", BIGINT, f"Index of the {what} in its document, from 0.", "delta")


def _history(what: str) -> tuple[Column, ...]:
    return (
        Column("created_at", TIMESTAMP, f"When the {what} was created, UTC."),
        Column(
            "created_by", VARCHAR, f"E-mail address or user id of the creator of the {what}.", "dictionary"
        ),
        Column("last_edited_at", TIMESTAMP, f"When the {what} was last edited, UTC."),
        Column(
            "last_edited_by",
            VARCHAR,
            f"E-mail address or user id of the last editor of the {what}.",
            "dictionary",
        ),
    )


LABEL_COLUMNS = (
    *_history("label"),
    Column("confidence", DOUBLE, "confidence of the label; 1 for one that a person drew.", "dictionary"),
    Column("feature_hash", VARCHAR, "featureHash: the class of the label in its ontology.", "dictionary"),
    Column("space", VARCHAR, "Space of a data group or scene that the label is in.", "dictionary"),
    Column("object_number", BIGINT, "objectNumber, as the editor shows it."),
    Column("geometry", VARCHAR, "JSON of the geometry as exported, of shapes that no other column holds."),
    Column(
        "polygon_rings",
        INTEGERS,
        "For each ring of polygons, the number of its polygon from 0; the first ring of a polygon is its "
        "outline, others are holes. Null for a label of one ring.",
    ),
    Column("row_extra", VARCHAR, "JSON object of the label's other keys in its label row; " + _EXTRA),
)
"""Columns of annotations that only label rows fill."""

KEYPOINT_COLUMNS = (
    Column("name", VARCHAR, "Name of the point of a skeleton, from a label row.", "dictionary"),
    Column("feature_hash", VARCHAR, "featureHash of the point, from a label row.", "dictionary"),
)

ATTRIBUTE_COLUMNS = (
    Column(
        "feature_hash",
        VARCHAR,
        "featureHash of the attribute in its ontology, from a label row.",
        "dictionary",
    ),
    Column("option_hash", VARCHAR, "featureHash of the option that the row is about.", "dictionary"),
    Column(
        "parent_feature_hash",
        VARCHAR,
        "featureHash of the option that an attribute below an option belongs to.",
        "dictionary",
    ),
    Column("dynamic", BOOLEAN, "Whether the answer may differ from frame to frame."),
)

LABEL_ROWS = Table(
    "label_rows",
    "document that came as a label row of Encord's",
    (
        DOCUMENT_KEY,
        Column("label_hash", VARCHAR, "label_hash: identity of the label row."),
        Column("branch_name", VARCHAR, "Branch of the label row; null means main.", "dictionary"),
        Column("data_hash", VARCHAR, "data_hash of the row; of an image group, that of the group."),
        Column(
            "data_type",
            VARCHAR,
            "video, img_group, image, dicom, dicom_study, nifti, audio, time_series, plain_text, pdf, "
            "group or scene.",
            "dictionary",
        ),
        Column("file_type", VARCHAR, "MIME type of the row's first data unit.", "dictionary"),
        Column("dataset_hash", VARCHAR, "Dataset of the row.", "dictionary"),
        Column("dataset_title", VARCHAR, "Title of the dataset.", "dictionary"),
        Column("created_at", TIMESTAMP, "When the label row was created, UTC."),
        Column("last_edited_at", TIMESTAMP, "When the label row was last edited, UTC."),
        Column("label_status", VARCHAR, "label_status as exported.", "dictionary"),
        Column("task_status", VARCHAR, "annotation_task_status as exported.", "dictionary"),
        Column("workflow_stage", VARCHAR, "Title of the workflow's stage the row is in.", "dictionary"),
        Column("workflow_stage_uuid", VARCHAR, "uuid of that stage.", "dictionary"),
        Column("task_uuid", VARCHAR, "Task of the row in the workflow."),
        Column("priority", DOUBLE, "Priority of the task."),
        Column("assigned_to", VARCHAR, "assigned_user_email.", "dictionary"),
        Column("last_actioned_by", VARCHAR, "last_actioned_by_user_email.", "dictionary"),
        Column("is_valid", BOOLEAN, "is_valid as exported."),
        Column("number_of_frames", BIGINT, "Frames of the data, labelled or not."),
        Column("fps", DOUBLE, "Frames per second of the row's first data unit."),
        Column("duration", DOUBLE, "Duration of the row's first data unit in seconds."),
        Column("client_metadata", VARCHAR, "JSON of the customer's metadata."),
        Column("ontology", VARCHAR, "Key of the row's ontology in the table ontology.", "dictionary"),
        Column("link_path", VARCHAR, "Address of the first data unit: scheme, host and path only."),
        Column("extra", VARCHAR, "JSON object of every other key, with data units and spaces; " + _EXTRA),
        Column("layout", VARCHAR, "JSON of the order and form of the row's parts, for an export."),
    ),
    ("document_key",),
)

CLASSIFICATIONS = Table(
    "classifications",
    "classification of a label row, whatever number of frames it is on",
    (
        DOCUMENT_KEY,
        _index("classification"),
        Column("classification_hash", VARCHAR, "classificationHash: its identity in the row."),
        Column("feature_hash", VARCHAR, "featureHash: its class in the ontology.", "dictionary"),
        Column("name", VARCHAR, "Name of the class.", "dictionary"),
        Column(
            "scope",
            VARCHAR,
            "frames (its ranges say which), file (all of the data), or global (a class of level global).",
            "dictionary",
        ),
        *_history("classification"),
        Column("confidence", DOUBLE, "confidence as exported.", "dictionary"),
        Column("manual_annotation", BOOLEAN, "manualAnnotation: made by a person."),
        Column("extra", VARCHAR, "JSON object of every other key; " + _EXTRA),
    ),
    ("document_key", "position"),
)

ANSWERS = Table(
    "answers",
    "choice or value that answers a question about an object or classification of a label row, once for "
    "all of its frames",
    (
        DOCUMENT_KEY,
        _index("answer"),
        Column(
            "owner",
            VARCHAR,
            "object (the same on all frames), action (on the frames of its ranges), or classification.",
            "dictionary",
        ),
        Column("owner_hash", VARCHAR, "objectHash or classificationHash of what the answer is about."),
        Column(
            "entry", BIGINT, "Index of the answer in its owner's list; options of a checklist share it."
        ),
        Column("name", VARCHAR, "Name of the question, from the ontology if it is known.", "dictionary"),
        Column("value", VARCHAR, "Label of the option, text or number; null for no answer.", "dictionary"),
        Column("value_type", VARCHAR, "string, number, boolean, null or json.", "dictionary"),
        Column("value_number", DOUBLE, "The value, if it is a number."),
        Column("feature_hash", VARCHAR, "featureHash of the question.", "dictionary"),
        Column("option_hash", VARCHAR, "featureHash of the option.", "dictionary"),
        Column("option_value", VARCHAR, "value of the option: its name in code.", "dictionary"),
        Column(
            "parent_feature_hash",
            VARCHAR,
            "featureHash of the class or option that the question belongs to, from the ontology.",
            "dictionary",
        ),
        Column("manual_annotation", BOOLEAN, "manualAnnotation: answered by a person."),
        Column("dynamic", BOOLEAN, "dynamic as exported."),
        Column("choices", BIGINT, "How many choices the entry has: 0 for an empty list.", "dictionary"),
        Column("extra", VARCHAR, "JSON object of every other key of the entry; " + _EXTRA),
    ),
    ("document_key", "position"),
)

RANGES = Table(
    "ranges",
    "range of frames, time or text that a label, classification or answer is on",
    (
        DOCUMENT_KEY,
        Column("position", BIGINT, "Index of the range in its document, from 0.", "delta"),
        Column("owner", VARCHAR, "annotation, classification or answer.", "dictionary"),
        Column("owner_position", BIGINT, "position of the owner in its table.", "delta"),
        Column("range_start", BIGINT, "First frame, millisecond, character or page; null for all of it."),
        Column("range_end", BIGINT, "Last one: it belongs to the range."),
        Column("unit", VARCHAR, "frame, ms, character, page or html.", "dictionary"),
        Column("html", VARCHAR, "JSON of a range of HTML: xpath and offset of its start and end."),
        Column("space", VARCHAR, "Space of a data group or scene that the range is in.", "dictionary"),
    ),
    ("document_key", "position"),
)

ONTOLOGY = Table(
    "ontology",
    "object, classification, attribute or option of a version of an ontology",
    (
        Column(
            "ontology", VARCHAR, "Hash of the whole ontology: one version of it. Stored once.", "dictionary"
        ),
        Column("position", BIGINT, "Index in the ontology, from 0.", "delta"),
        Column(
            "kind",
            VARCHAR,
            "object, classification, attribute, option, or ontology for the rest.",
            "dictionary",
        ),
        Column("feature_hash", VARCHAR, "featureNodeHash: its identity."),
        Column("parent_feature_hash", VARCHAR, "What it belongs to; null for objects and classifications."),
        Column("name", VARCHAR, "Name, or label of an option."),
        Column("value", VARCHAR, "value of an option: its name in code."),
        Column("shape", VARCHAR, "Shape of an object.", "dictionary"),
        Column("type", VARCHAR, "radio, checklist, text or numeric.", "dictionary"),
        Column("level", VARCHAR, "level of a classification; global is about the whole row.", "dictionary"),
        Column("color", VARCHAR, "Colour of an object.", "dictionary"),
        Column("required", BOOLEAN, "Whether it must be answered."),
        Column("dynamic", BOOLEAN, "Whether its answer may differ from frame to frame."),
        Column("archived", BOOLEAN, "Whether it is archived."),
        Column("extra", VARCHAR, "JSON object of every other key; " + _EXTRA),
    ),
    ("ontology", "position"),
)

LABEL_ROW_TABLES = (LABEL_ROWS, CLASSIFICATIONS, ANSWERS, RANGES)
"""Tables whose rows belong to a document."""
