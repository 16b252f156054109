-- The predictions of staged lists, with their images and classes in the project.
-- grain: prediction
-- columns: those of predictions, and is_known_id (whether the project has the image id), has_place (whether it
--   has a box, a segmentation or keypoints)
create or replace temp view prediction_rows as
with first_categories as (
    select documents.document_key, categories.category_id, categories.category_id_text,
        arg_min(categories.name, categories.position) as category_name
    from documents
    inner join categories on categories.category_set = documents.category_set
    where documents.document_key in (select prediction_images.document_key from prediction_images)
    group by documents.document_key, categories.category_id, categories.category_id_text
),

with_keypoints as (
    select distinct keypoints.document_key, keypoints.annotation_position
    from temp.main.staged_keypoints as keypoints
)

select
    annotations.document_key as set_key,
    annotations.position,
    prediction_images.document_id,
    prediction_images.image_key,
    first_categories.category_name,
    annotations.image_id,
    annotations.category_id,
    annotations.bbox_x,
    annotations.bbox_y,
    annotations.bbox_w,
    annotations.bbox_h,
    annotations.segmentation_kind,
    annotations.polygons,
    annotations.rle_height,
    annotations.rle_width,
    annotations.rle_counts,
    annotations.score,
    annotations.extra,
    prediction_images.document_id is not null as is_known_id,
    annotations.bbox_w is not null
    or annotations.segmentation_kind in ('polygon', 'rle')
    or with_keypoints.document_key is not null as has_place
from temp.main.staged_predictions as annotations
left join prediction_images
    on prediction_images.set_key = annotations.document_key
    and prediction_images.image_id = annotations.image_id
    and prediction_images.image_id_text is not distinct from annotations.image_id_text
left join first_categories
    on first_categories.document_key = prediction_images.document_key
    and first_categories.category_id = annotations.category_id
    and first_categories.category_id_text is not distinct from annotations.category_id_text
left join with_keypoints
    on with_keypoints.document_key = annotations.document_key
    and with_keypoints.annotation_position = annotations.position;
