-- Labels of the document versions that a commit brings or compares, except documents with equal fingerprints.
-- grain: label of a version
-- columns: document (document_key of the new version, else of the old one: one number for both), is_old,
--   is_arrival (its document is new to the project), document_key, position, image_key, image_number (hash of
--   image_key: the texts of all images may take too much memory), category (name), content_key (equal for labels
--   of one image, object, category and content; null while the content is not known), name_key (equal for labels
--   of one image with the same encord_track_uuid, or without one the same id; null without either), has_uuid,
--   label_id (identity of an old label; identity of a new label as it follows from its own row)
create or replace temp view history_label_rows as
with image_keys as (
    select
        images.document_key,
        images.image_id,
        images.image_key,
        hash(images.image_key) as image_number
    from images
    inner join temp.main.history_versions as versions on versions.document_key = images.document_key
    anti join temp.main.duplicate_records as duplicate_records
        on duplicate_records.section = 'images'
        and duplicate_records.document_key = images.document_key
        and duplicate_records.position = images.position
),

-- per set, not per document: thousands of documents share one
category_names as (
    select
        category_set,
        category_id,
        arg_min(name, position) as name
    from categories
    group by category_set, category_id
)

select
    versions.document,
    versions.is_old,
    versions.is_arrival,
    annotations.document_key,
    annotations.position,
    image_keys.image_key,
    image_keys.image_number,
    category_names.name as category,
    case
        when annotations.content_hash is not null
            then hash(
                image_keys.image_key,
                annotations.encord_track_uuid,
                category_names.name,
                annotations.content_hash
            )
    end as content_key,
    case
        when annotations.encord_track_uuid is not null
            then hash(image_keys.image_key, 'uuid', annotations.encord_track_uuid)
        when annotations.annotation_id is not null
            then hash(image_keys.image_key, 'id', annotations.annotation_id)
    end as name_key,
    annotations.encord_track_uuid is not null as has_uuid,
    coalesce(
        label_ids.label_id,
        annotations.encord_track_uuid,
        '#' || annotations.annotation_id_text,
        '#' || annotations.annotation_id,
        '@' || annotations.position
    ) as label_id
from annotations
inner join temp.main.history_versions as versions on versions.document_key = annotations.document_key
left join image_keys
    on image_keys.document_key = annotations.document_key
    and image_keys.image_id = annotations.image_id
left join category_names
    on category_names.category_set = versions.category_set
    and category_names.category_id = annotations.category_id
left join label_ids
    on label_ids.document_key = annotations.document_key
    and label_ids.annotation_position = annotations.position;
