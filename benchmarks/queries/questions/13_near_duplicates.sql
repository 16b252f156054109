-- Which labels of one class lie on one another (IoU above 0.9)? Their number by class, last night.
with boxes as (
    select
        document_key, image_id, category_id, category_name, position, bbox_x, bbox_y,
        bbox_x + bbox_w as right_x,
        bbox_y + bbox_h as bottom_y,
        bbox_w * bbox_h as box_area
    from labels
    where bbox_w > 0 and bbox_h > 0 and ingest_id = (select max(ingest_id) from documents)
),

pairs as (
    select
        one.category_name,
        one.box_area + other.box_area as both_areas,
        (least(one.right_x, other.right_x) - greatest(one.bbox_x, other.bbox_x))
        * (least(one.bottom_y, other.bottom_y) - greatest(one.bbox_y, other.bbox_y)) as shared_area
    from boxes as one
    inner join boxes as other
        on other.document_key = one.document_key
        and other.image_id = one.image_id
        and other.category_id = one.category_id
        and other.position > one.position
        and other.bbox_x < one.right_x
        and one.bbox_x < other.right_x
        and other.bbox_y < one.bottom_y
        and one.bbox_y < other.bottom_y
)

select category_name, count(*) as pair_count
from pairs
where shared_area > 0.9 * (both_areas - shared_area)
group by category_name
order by pair_count desc, category_name;
