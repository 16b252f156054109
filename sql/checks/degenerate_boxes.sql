-- Boxes without width or height, and labels without any geometry.
-- grain: label
-- columns: project, document_id, document_key, image_key, annotation_position, label_id (identity of the
--   label within the image), what (in words), shape (of the label)
-- severity: error
-- explanation: Such a label shows nothing. The check accepts points and skeletons without width and height,
--   polylines without one of them, captions, and panoptic labels, whose segments have the geometry. Labels of label
--   rows may have a cuboid, an ellipse or the like instead of a box, or a range of sound or text.
with shaped as (
    select
        labels.*,
        label_shape(supercategory, segmentation_kind, num_keypoints, rotation, bbox_w) as shape
    from labels
    where
        labels.bbox_w is null
        or labels.bbox_h is null
        or not labels.bbox_w > 0
        or not labels.bbox_h > 0
        or isinf(labels.bbox_w)
        or isinf(labels.bbox_h)
),

with_keypoints as (
    select distinct keypoints.document_key, keypoints.annotation_position
    from keypoints
    inner join shaped
        on shaped.document_key = keypoints.document_key and shaped.position = keypoints.annotation_position
)

select
    labels.project,
    labels.document_id,
    labels.document_key,
    labels.image_key,
    labels.position as annotation_position,
    labels.label_id,
    case
        when labels.bbox_w is null or labels.bbox_h is null then 'no box, no segmentation and no keypoints'
        else concat('box of ', labels.bbox_w, ' x ', labels.bbox_h)
    end as what,
    labels.shape
from shaped as labels
left join with_keypoints
    on with_keypoints.document_key = labels.document_key
    and with_keypoints.annotation_position = labels.position
where
    case
        when labels.bbox_w is null or labels.bbox_h is null
            then labels.segmentation_kind = 'none'
            and with_keypoints.document_key is null
            and labels.geometry is null
            and not exists (
                from ranges
                where
                    ranges.document_key = labels.document_key
                    and ranges.owner = 'annotation'
                    and ranges.owner_position = labels.position
            )
            and record_kind(labels.extra, labels.bbox_w, labels.segmentation_kind) = 'label'
        when labels.bbox_w < 0 or labels.bbox_h < 0 or isinf(labels.bbox_w) or isinf(labels.bbox_h) then true
        when labels.shape = 'polyline' then labels.bbox_w = 0 and labels.bbox_h = 0
        when labels.shape in ('point', 'skeleton') then false
        else with_keypoints.document_key is null
    end
order by labels.document_key, labels.position;
