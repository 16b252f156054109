-- Which labels of one class on one image overlap so much that they may be one? The overlap respects rotation.
-- For an image with over 12.5 million pairs (more than 5,000 labels of one class), one row says that its pairs
-- were not compared.
-- grain: pair of labels
-- columns: project, document_id, image_key, category_name (name of the class), label_id (identity of the later
--   label within the image), other_label_id (identity of the earlier label), iou (intersection over union of the
--   boxes, 0 to 1)
-- parameters: project (project; default null: all), document (document_id; default null: all),
--   category (name of a class; default null: all), min_iou (overlap, 0.1 to 1; default 0.9),
--   rows (rows at most, 1 or more; default 1000)
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

crowded as (
    select counted.document_key, counted.image_id, sum(counted.label_count) as label_count
    from (
        select boxes.document_key, boxes.image_id, boxes.category_id, count(*) as label_count
        from boxes
        group by boxes.document_key, boxes.image_id, boxes.category_id
    ) as counted
    group by counted.document_key, counted.image_id
    having sum(counted.label_count::hugeint * (counted.label_count - 1)) > 25000000
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
    from (select boxes.* from boxes anti join crowded using (document_key, image_id)) as later
    inner join boxes as earlier
        on earlier.document_key = later.document_key
        and earlier.image_id = later.image_id
        and earlier.category_id is not distinct from later.category_id
        and earlier.position < later.position
    where
        -- an overlap bounds the ratio of the areas, which costs nothing to compare.
        later.bbox_w * later.bbox_h >= $min_iou::double * earlier.bbox_w * earlier.bbox_h
        and earlier.bbox_w * earlier.bbox_h >= $min_iou::double * later.bbox_w * later.bbox_h
),

found as (
    select near.*
    from near
    where near.iou >= $min_iou::double
    union all
    select
        any_value(boxes.project) as project,
        any_value(boxes.document_id) as document_id,
        boxes.document_key,
        any_value(boxes.image_key) as image_key,
        null as category_name,
        concat('any of ', crowded.label_count) as label_id,
        null as position,
        'pairs not compared' as other_label_id,
        null as other_position,
        null as iou
    from boxes
    inner join crowded on crowded.document_key = boxes.document_key and crowded.image_id = boxes.image_id
    group by boxes.document_key, boxes.image_id, crowded.label_count
)

select
    found.project,
    found.document_id,
    found.image_key,
    found.category_name,
    found.label_id,
    found.other_label_id,
    found.iou
from found
order by found.iou desc nulls first, found.document_key, found.position, found.other_position
limit $rows::bigint;
