-- Keypoints with their names, their label's category and their image.
-- grain: keypoint of a label
-- columns: project, document_id, document_key, image_key, annotation_position, label_id (identity of the label
--   within the image), encord_track_uuid, category_name (name of the label's category), keypoint_index,
--   keypoint_name (name in the category; null where the category has none), x, y, visibility
create or replace view keypoint_labels as
with listed as (
    select
        categories.category_set,
        categories.category_id,
        arg_min(categories.keypoints, categories.position) as keypoints
    from categories
    group by categories.category_set, categories.category_id
),

named as (
    -- one row per name: a list of all names in every row would grow with the square of their number.
    select
        listed.category_set,
        listed.category_id,
        unnest(listed.keypoints) as keypoint_name,
        unnest(range(len(listed.keypoints))) as keypoint_index
    from listed
)

select
    labels.project,
    labels.document_id,
    labels.document_key,
    labels.image_key,
    keypoints.annotation_position,
    labels.label_id,
    labels.encord_track_uuid,
    labels.category_name,
    keypoints.keypoint_index,
    named.keypoint_name,
    keypoints.x,
    keypoints.y,
    keypoints.visibility
from keypoints
inner join labels
    on labels.document_key = keypoints.document_key and labels.position = keypoints.annotation_position
inner join documents on documents.document_key = keypoints.document_key
left join named
    on named.category_set = documents.category_set
    and named.category_id = labels.category_id
    and named.keypoint_index = keypoints.keypoint_index;
