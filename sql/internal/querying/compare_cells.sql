-- The cells in which a label of the reference side may meet one of the other side, on dense images. Two boxes that
-- overlap by min_iou have widths within a factor of 1 / min_iou, and centres within 1 - min_iou of the wider one.
-- grain: label, cell
-- columns: is_reference, image, number, size_class, cell
-- parameters: min_iou
create or replace temp table cells as
with dense as (
    select placed_labels.*
    from temp.main.placed_labels as placed_labels
    semi join temp.main.dense_images as dense_images using (image)
    where placed_labels.w > 0 and placed_labels.h > 0
),

classes as (
    select
        dense.*,
        unnest(
            range(floor(log2(w * $min_iou::double))::bigint, floor(log2(w / $min_iou::double))::bigint + 1)
        ) as other_class
    from dense
    where is_reference
),

reaches as (
    select
        *,
        pow(2.0, other_class) as cell_width,
        (1 - $min_iou::double) * greatest(w, pow(2.0, other_class + 1)) as reach
    from classes
)

select
    true as is_reference,
    image,
    number,
    other_class::integer as size_class,
    unnest(
        range(
            floor((x + w / 2 - reach) / cell_width)::bigint, floor((x + w / 2 + reach) / cell_width)::bigint + 1
        )
    ) as cell
from reaches

union all

select false, image, number, size_class, floor((x + w / 2) / pow(2.0, size_class))::bigint
from dense
where not is_reference;
