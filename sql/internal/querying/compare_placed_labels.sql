-- The labels of both sides that are compared: with a box of some size, on images of both sides, no crowds, and
-- for predictions a score that is high enough.
-- grain: label
-- columns: is_reference, image, number, category, label_id, x, y, w, h, size_class (of the width, in powers of 2)
-- parameters: min_score
create or replace temp table placed_labels as
select
    true as is_reference,
    common_images.image,
    reference_labels.number,
    reference_labels.category,
    reference_labels.label_id,
    reference_labels.x,
    reference_labels.y,
    reference_labels.w,
    reference_labels.h,
    if(reference_labels.w > 0, floor(log2(reference_labels.w))::integer, null) as size_class
from temp.main.reference_labels as reference_labels
inner join temp.main.common_images as common_images on common_images.image_key = reference_labels.image_key
where
    not reference_labels.is_crowd
    and reference_labels.w is not null
    and coalesce(reference_labels.score >= $min_score::double, true)

union all

select
    false,
    common_images.image,
    other_labels.number,
    other_labels.category,
    other_labels.label_id,
    other_labels.x,
    other_labels.y,
    other_labels.w,
    other_labels.h,
    if(other_labels.w > 0, floor(log2(other_labels.w))::integer, null)
from temp.main.other_labels as other_labels
inner join temp.main.common_images as common_images on common_images.other_key = other_labels.image_key
where
    not other_labels.is_crowd
    and other_labels.w is not null
    and coalesce(other_labels.score >= $min_score::double, true);
