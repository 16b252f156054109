-- Which labels of one class on one image overlap so much that they may be one? Rotation is respected.
-- grain: pair of labels
-- columns: project, document_id, image_key, category_name (name of the class), label_id (identity of the later
--   label within the image), other_label_id (that of the earlier one), iou (intersection over union of the
--   boxes, 0 to 1)
-- parameters: project (project; default null: all), document (document_id; default null: all),
--   category (name of a class; default null: all), min_iou (overlap, 0.1 to 1; default 0.9)
with boxes as (
    select labels.*
    from labels
    where
        labels.image_id is not null
        and labels.bbox_w * labels.bbox_h > 0
        and ($project is null or labels.project = $project)
        and ($document is null or labels.document_id = $document)
        and ($category is null or labels.category_name = $category)
),

near as (
    select
        later.project,
        later.document_id,
        later.document_key,
        later.image_key,
        later.category_name,
        later.label_id,
        later.position,
        earlier.label_id as other_label_id,
        earlier.position as other_position,
        case
            when later.rotation % 180 <> 0 or earlier.rotation % 180 <> 0 then rotated_bbox_iou(
                later.bbox_x, later.bbox_y, later.bbox_w, later.bbox_h, later.rotation,
                earlier.bbox_x, earlier.bbox_y, earlier.bbox_w, earlier.bbox_h, earlier.rotation
            )
            else bbox_iou(
                later.bbox_x, later.bbox_y, later.bbox_w, later.bbox_h,
                earlier.bbox_x, earlier.bbox_y, earlier.bbox_w, earlier.bbox_h
            )
        end as iou
    from boxes as later
    inner join boxes as earlier
        on earlier.document_key = later.document_key
        and earlier.image_id = later.image_id
        and earlier.category_id is not distinct from later.category_id
        and earlier.position < later.position
    where
        -- an overlap bounds the ratio of the areas, which costs nothing to compare.
        later.bbox_w * later.bbox_h >= $min_iou::double * earlier.bbox_w * earlier.bbox_h
        and earlier.bbox_w * earlier.bbox_h >= $min_iou::double * later.bbox_w * later.bbox_h
)

select
    near.project,
    near.document_id,
    near.image_key,
    near.category_name,
    near.label_id,
    near.other_label_id,
    near.iou
from near
where near.iou >= $min_iou::double
order by near.iou desc, near.document_key, near.position, near.other_position;
