-- Segments of panoptic labels: each entry of segments_info with its class and image.
-- grain: segment of a panoptic label
-- columns: project, document_id, document_key, image_key, annotation_position, segment_index (index in
--   segments_info, from 0), segment_id (id of the segment: in COCO its colour in the mask), category_id,
--   category_name (name of the category), supercategory, bbox_x, bbox_y, bbox_w, bbox_h, area (as exported, square
--   pixels), iscrowd
create or replace view segments as
with panoptic as (
    select
        annotations.document_key,
        annotations.position,
        annotations.image_id,
        from_json(
            json_extract(annotations.extra, '$.segments_info'),
            '[{"id": "BIGINT", "category_id": "VARCHAR", "bbox": ["DOUBLE"], "area": "DOUBLE", "iscrowd": "BIGINT"}]'
        ) as listed
    from annotations
    where record_kind(annotations.extra, annotations.bbox_w, annotations.segmentation_kind) = 'panoptic'
),

numbered as (
    select
        panoptic.document_key,
        panoptic.position,
        panoptic.image_id,
        unnest(range(len(panoptic.listed))) as segment_index,
        unnest(panoptic.listed) as segment
    from panoptic
),

first_categories as (
    select
        categories.category_set,
        coalesce(categories.category_id_text, categories.category_id::varchar) as spelling,
        any_value(categories.category_id) as category_id,
        arg_min(categories.name, categories.position) as category_name,
        arg_min(categories.supercategory, categories.position) as supercategory
    from categories
    group by categories.category_set, spelling
),

first_images as (
    select images.document_key, images.image_id, arg_min(images.image_key, images.position) as image_key
    from images
    where images.document_key in (select numbered.document_key from numbered)
    group by images.document_key, images.image_id
)

select
    documents.project,
    documents.document_id,
    numbered.document_key,
    first_images.image_key,
    numbered.position as annotation_position,
    numbered.segment_index,
    numbered.segment.id as segment_id,
    coalesce(
        first_categories.category_id, try_cast(segment_category(numbered.segment.category_id) as bigint)
    ) as category_id,
    first_categories.category_name,
    first_categories.supercategory,
    numbered.segment.bbox[1] as bbox_x,
    numbered.segment.bbox[2] as bbox_y,
    numbered.segment.bbox[3] as bbox_w,
    numbered.segment.bbox[4] as bbox_h,
    numbered.segment.area as area,
    numbered.segment.iscrowd as iscrowd
from numbered
inner join documents on documents.document_key = numbered.document_key
left join first_categories
    on first_categories.category_set = documents.category_set
    and first_categories.spelling = segment_category(numbered.segment.category_id)
left join first_images
    on first_images.document_key = numbered.document_key and first_images.image_id = numbered.image_id;
