-- Labels as the marts and the questions about classes count them: the segments of a panoptic label instead of it, and
-- no captions of images.
-- grain: label, or segment of a panoptic label
-- columns: project, document_id, document_title (title of the document), document_key, annotation_position (position
--   of the label), image_id, image_key (null for an image that is not there), category_name (name of the category),
--   supercategory, bbox_w, bbox_h, area, segmentation_kind (none for a segment), num_keypoints, rotation,
--   manual_annotation
create or replace view counted_labels as
select
    labels.project,
    labels.document_id,
    labels.document_title,
    labels.document_key,
    labels.position as annotation_position,
    labels.image_id,
    labels.image_key,
    labels.category_name,
    labels.supercategory,
    labels.bbox_w,
    labels.bbox_h,
    labels.area,
    labels.segmentation_kind,
    labels.num_keypoints,
    labels.rotation,
    labels.manual_annotation
from labels
where record_kind(labels.extra, labels.bbox_w, labels.segmentation_kind) = 'label'

union all

select
    segments.project,
    segments.document_id,
    documents.title,
    segments.document_key,
    segments.annotation_position,
    annotations.image_id,
    segments.image_key,
    segments.category_name,
    segments.supercategory,
    segments.bbox_w,
    segments.bbox_h,
    segments.area,
    'none',
    null,
    null,
    null
from segments
inner join annotations
    on annotations.document_key = segments.document_key
    and annotations.position = segments.annotation_position
inner join documents on documents.document_key = segments.document_key;
