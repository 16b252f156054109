-- Labels and classifications of label rows, with who made and edited them, when, how, and what came after a review.
-- grain: label or classification of a label row
-- columns: project, document_id, document_title (title of the document), document_key, kind (label or
--   classification), position (in annotations or classifications), image_key (null for a classification),
--   label_id (identity of the label within its image, or the hash of the classification), object_hash (hash of the
--   object, or of the classification), category_name (name of the class), modality (data type of the row; in a
--   group or scene, that of the space, if it is one), workflow_stage, label_status, task_status, created_at,
--   created_by, last_edited_at, last_edited_by, is_edited (the last edit is later than the creation),
--   hours_to_edit (hours from the creation to the last edit; null if it is not edited), manual_annotation,
--   confidence, reviewed_at (UTC, when its first review is known to have begun: the first review that the label
--   itself states, or the start of the first load that saw its row in review or beyond; null if none is known),
--   rework (added, if it was created after that; edited, if it was edited after that; else null)
-- checks: as many rows as annotations and classifications of documents with a row in label_rows
create or replace view label_work as
with space_types as (
    select
        spaces.document_key,
        spaces.space,
        json_extract_string(spaces.content, '$.space_type') as space_type
    from (
        select
            label_rows.document_key,
            unnest(json_keys(label_rows.extra, '$.spaces')) as space,
            unnest(json_extract(label_rows.extra, '$.spaces.*')) as content
        from label_rows
        where contains(label_rows.extra, '"space_type"')
    ) as spaces
),

classified_spaces as (
    select
        ranges.document_key,
        ranges.owner_position,
        min(space_types.space_type) as space_type
    from ranges
    inner join space_types
        on space_types.document_key = ranges.document_key and space_types.space = ranges.space
    where ranges.owner = 'classification'
    group by ranges.document_key, ranges.owner_position
    having min(space_types.space_type) = max(space_types.space_type)
),

first_reviews as (
    select
        mart.project,
        mart.document_id,
        min(mart.ingested_at) as reviewed_at
    from mart_row_stages as mart
    where reached_review(mart.workflow_stage, mart.label_status, mart.task_status)
    group by mart.project, mart.document_id
),

made as (
    select
        labels.project,
        labels.document_id,
        labels.document_title,
        labels.document_key,
        'label' as kind,
        labels.position,
        labels.image_key,
        labels.label_id,
        labels.encord_track_uuid as object_hash,
        labels.category_name,
        space_types.space_type,
        labels.created_at,
        labels.created_by,
        labels.last_edited_at,
        labels.last_edited_by,
        labels.manual_annotation,
        labels.confidence,
        labels.row_extra as extra
    from labels
    left join space_types
        on space_types.document_key = labels.document_key and space_types.space = labels.space

    union all

    select
        documents.project,
        documents.document_id,
        documents.title,
        classifications.document_key,
        'classification',
        classifications.position,
        null,
        classifications.classification_hash,
        classifications.classification_hash,
        classifications.name,
        classified_spaces.space_type,
        classifications.created_at,
        classifications.created_by,
        classifications.last_edited_at,
        classifications.last_edited_by,
        classifications.manual_annotation,
        classifications.confidence,
        classifications.extra
    from classifications
    inner join documents on documents.document_key = classifications.document_key
    left join classified_spaces
        on classified_spaces.document_key = classifications.document_key
        and classified_spaces.owner_position = classifications.position
),

reviewed as (
    select
        made.*,
        coalesce(made.space_type, label_rows.data_type) as modality,
        label_rows.workflow_stage,
        label_rows.label_status,
        label_rows.task_status,
        coalesce(
            made.last_edited_at > made.created_at or (made.created_at is null and made.last_edited_at is not null), false
        ) as is_edited,
        least(
            first_reviews.reviewed_at,
            if(
                contains(made.extra, '"reviews"'),
                list_min(
                    list_transform(
                        list_concat(
                            json_extract_string(made.extra, '$.reviews[*].createdAt'),
                            json_extract_string(made.extra, '$."#on_frames".reviews[*].createdAt')
                        ),
                        lambda text: label_row_time(text)
                    )
                ),
                null
            )
        ) as reviewed_at
    from made
    inner join label_rows on label_rows.document_key = made.document_key
    left join first_reviews
        on first_reviews.project = made.project and first_reviews.document_id = made.document_id
)

select
    reviewed.project,
    reviewed.document_id,
    reviewed.document_title,
    reviewed.document_key,
    reviewed.kind,
    reviewed.position,
    reviewed.image_key,
    reviewed.label_id,
    reviewed.object_hash,
    reviewed.category_name,
    reviewed.modality,
    reviewed.workflow_stage,
    reviewed.label_status,
    reviewed.task_status,
    reviewed.created_at,
    reviewed.created_by,
    reviewed.last_edited_at,
    reviewed.last_edited_by,
    reviewed.is_edited,
    if(reviewed.is_edited, date_diff('microsecond', reviewed.created_at, reviewed.last_edited_at) / 3.6e9, null)
        as hours_to_edit,
    reviewed.manual_annotation,
    reviewed.confidence,
    reviewed.reviewed_at,
    case
        when reviewed.created_at > reviewed.reviewed_at then 'added'
        when reviewed.is_edited and reviewed.last_edited_at > reviewed.reviewed_at then 'edited'
    end as rework
from reviewed;
