-- Labels of a chunk's document versions, with the columns of category and image that the marts need. Segments of
-- a panoptic label count as labels instead of it; captions of images do not count.
-- grain: label, or segment of a panoptic label
-- columns: document_key, position (null for a segment), category_set, category_id, category_name, supercategory,
--   image_position (position of its image; null if it refers to none), width and height (of the image,
--   pixels), those of the bounding box, area, segmentation_kind, num_keypoints, rotation, manual_annotation
-- parameters: snapshot, chunk, first_key, last_key
create or replace temp table chunk_labels as
with records as (
    select
        annotations.*,
        record_kind(annotations.extra, annotations.bbox_w, annotations.segmentation_kind) as kind
    from annotations at (version => $snapshot)
    where annotations.document_key between $first_key and $last_key
),

segment_lists as (
    select
        records.document_key,
        records.image_id,
        unnest(
            from_json(
                json_extract(records.extra, '$.segments_info'), '[{"category_id": "VARCHAR", "bbox": ["DOUBLE"], "area": "DOUBLE"}]'
            )
        ) as segment
    from records
    where records.kind = 'panoptic'
),

shown as (
    select
        records.document_key,
        records.position,
        records.image_id,
        records.category_id,
        records.bbox_x,
        records.bbox_y,
        records.bbox_w,
        records.bbox_h,
        records.area,
        records.segmentation_kind,
        records.num_keypoints,
        records.rotation,
        records.manual_annotation
    from records
    where records.kind = 'label'

    union all

    select
        segment_lists.document_key,
        null,
        segment_lists.image_id,
        coalesce(
            chunk_categories.category_id,
            try_cast(segment_category(segment_lists.segment.category_id) as bigint)
        ),
        segment_lists.segment.bbox[1],
        segment_lists.segment.bbox[2],
        segment_lists.segment.bbox[3],
        segment_lists.segment.bbox[4],
        segment_lists.segment.area,
        'none',
        null,
        null,
        null
    from segment_lists
    inner join temp.main.new_documents as new_documents
        on new_documents.document_key = segment_lists.document_key
    left join temp.main.chunk_categories as chunk_categories
        on chunk_categories.category_set = new_documents.category_set
        and chunk_categories.spelling = segment_category(segment_lists.segment.category_id)
)

select
    shown.document_key,
    shown.position,
    new_documents.category_set,
    shown.category_id,
    chunk_categories.category_name,
    chunk_categories.supercategory,
    chunk_images.position as image_position,
    chunk_images.width,
    chunk_images.height,
    shown.bbox_x,
    shown.bbox_y,
    shown.bbox_w,
    shown.bbox_h,
    shown.area,
    shown.segmentation_kind,
    shown.num_keypoints,
    shown.rotation,
    shown.manual_annotation
from shown
inner join temp.main.new_documents as new_documents
    on new_documents.document_key = shown.document_key and new_documents.chunk = $chunk
left join temp.main.chunk_categories as chunk_categories
    on chunk_categories.category_set = new_documents.category_set
    and chunk_categories.category_id = shown.category_id
left join temp.main.chunk_images as chunk_images
    on chunk_images.document_key = shown.document_key
    and chunk_images.image_id = shown.image_id
    and chunk_images.is_first;
