-- Table for the failing rows of all checks, while they are grouped.
-- grain: failing row of a check
-- columns: row_number (order of the rows), check_name, severity, cause, project, document_id, document_key,
--   image_key, annotation_position, label_id, category_name, subject (what else tells it from other rows of its
--   place), what, label_count (labels that it stands for)
create or replace temp table check_rows (
    row_number bigint,
    check_name varchar,
    severity varchar,
    cause varchar,
    project varchar,
    document_id varchar,
    document_key bigint,
    image_key varchar,
    annotation_position bigint,
    label_id varchar,
    category_name varchar,
    subject varchar,
    what varchar,
    label_count bigint
);
