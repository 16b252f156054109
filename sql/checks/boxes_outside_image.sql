-- Boxes that lie outside their image, wholly or in part.
-- grain: label
-- columns: project, document_id, document_key, image_key, annotation_position, label_id (identity of the
--   label within the image), what (in words), outside_px (how far the box reaches out, pixels)
-- severity: error
-- explanation: Coordinates beyond the image crash or mislead training. Up to one pixel is taken for
--   rounding. Of a rotated box, whose corners may well reach out, only the centre counts.
with placed as (
    select
        labels.*,
        label_shape(supercategory, segmentation_kind, num_keypoints, rotation, bbox_w) as shape,
        if(shape = 'rotatable_bounding_box', 0.5, 0.0) as inset
    from labels
    where labels.width > 0 and labels.height > 0
),

measured as (
    select
        placed.*,
        greatest(
            -(bbox_x + inset * bbox_w),
            -(bbox_y + inset * bbox_h),
            bbox_x + (1 - inset) * bbox_w - width,
            bbox_y + (1 - inset) * bbox_h - height
        ) as outside_px
    from placed
)

select
    labels.project,
    labels.document_id,
    labels.document_key,
    labels.image_key,
    labels.position as annotation_position,
    labels.label_id,
    concat(
        'box ', labels.bbox_x, ', ', labels.bbox_y, ', ', labels.bbox_w, ', ', labels.bbox_h, ' on an image of ',
        labels.width, ' x ', labels.height
    ) as what,
    labels.outside_px
from measured as labels
where labels.outside_px > 1
order by labels.document_key, labels.position;
