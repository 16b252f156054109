-- Labels with their category, image and document: most queries start here.
-- grain: label (one row of annotations)
-- columns: project, document_id, document_title (title of the document), image_key, file_name (of the
--   image), media_type (image, video, dicom, nifti or pdf, from file_name), data_hash, frame, width (of the
--   image, pixels), height (of the image, pixels), category_name (name of the category), supercategory,
--   label_id (identity within the image, the same in every export), those of annotations, ingest_id (ingest
--   that wrote this version of the document), caption (text that describes the image or the label, as exported)
-- checks: never more rows than annotations: where several categories or images have one id, the first counts
create or replace view labels as
with first_categories as (
    select categories.category_set, categories.category_id,
        arg_min(categories.name, categories.position) as category_name,
        arg_min(categories.supercategory, categories.position) as supercategory
    from categories
    group by categories.category_set, categories.category_id
),

first_images as (
    select images.*
    from images
    qualify row_number() over (
        partition by images.document_key, images.image_id order by images.position
    ) = 1
)

select
    documents.project,
    documents.document_id,
    documents.title as document_title,
    first_images.image_key,
    first_images.file_name,
    first_images.media_type,
    first_images.data_hash,
    first_images.frame,
    first_images.width,
    first_images.height,
    first_categories.category_name,
    first_categories.supercategory,
    coalesce(
        label_ids.label_id,
        annotations.encord_track_uuid,
        '#' || annotations.annotation_id_text,
        '#' || annotations.annotation_id,
        '@' || annotations.position
    ) as label_id,
    annotations.*,
    documents.ingest_id,
    if(annotations.extra like '%"caption"%', json_extract_string(annotations.extra, '$.caption'), null) as caption
from annotations
inner join documents on documents.document_key = annotations.document_key
left join first_categories
    on first_categories.category_set = documents.category_set
    and first_categories.category_id = annotations.category_id
left join first_images
    on first_images.document_key = annotations.document_key
    and first_images.image_id = annotations.image_id
left join label_ids
    on label_ids.document_key = annotations.document_key
    and label_ids.annotation_position = annotations.position;
