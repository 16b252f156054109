-- The labels of a chunk's document versions with what the marts need of category and image.
-- grain: label
-- columns: document_key, position, category_set, category_id, category_name, supercategory, image_position
--   (position of its image; null if it refers to none), frame, width and height (of the image, pixels), those
--   of the bounding box, segmentation_kind, num_keypoints, rotation, manual_annotation, track (identity of
--   the object within the document)
-- parameters: snapshot, chunk, first_key, last_key
create or replace temp table chunk_labels as
select
    annotations.document_key,
    annotations.position,
    new_documents.category_set,
    annotations.category_id,
    chunk_categories.category_name,
    chunk_categories.supercategory,
    chunk_images.position as image_position,
    chunk_images.frame,
    chunk_images.width,
    chunk_images.height,
    annotations.bbox_x,
    annotations.bbox_y,
    annotations.bbox_w,
    annotations.bbox_h,
    annotations.segmentation_kind,
    annotations.num_keypoints,
    annotations.rotation,
    annotations.manual_annotation,
    coalesce(annotations.encord_track_uuid, '#' || annotations.track_id) as track
from annotations at (version => $snapshot)
inner join temp.main.new_documents as new_documents
    on new_documents.document_key = annotations.document_key and new_documents.chunk = $chunk
left join temp.main.chunk_categories as chunk_categories
    on chunk_categories.category_set = new_documents.category_set
    and chunk_categories.category_id = annotations.category_id
left join temp.main.chunk_images as chunk_images
    on chunk_images.document_key = annotations.document_key
    and chunk_images.image_id = annotations.image_id
    and chunk_images.is_first
where annotations.document_key between $first_key and $last_key;
