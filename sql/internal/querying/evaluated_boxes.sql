-- The labels and predictions that average precision is computed from, with their boxes: of classes that the
-- reference side has labels of, and of each image and class the 100 predictions of the highest scores.
-- grain: label or prediction
-- columns: category, image, is_reference, number, x, y, w, h, area, is_ignored, is_crowd, has_no_number (an
--   annotation id of 0), score; sorted by class, image and side, predictions by score
with truths as (
    select
        reference_labels.category,
        common_images.image,
        true as is_reference,
        reference_labels.number,
        reference_labels.x,
        reference_labels.y,
        reference_labels.w,
        reference_labels.h,
        coalesce(reference_labels.area, reference_labels.w * reference_labels.h) as area,
        reference_labels.is_crowd as is_ignored,
        reference_labels.is_crowd,
        reference_labels.annotation_id is not distinct from 0 as has_no_number,
        null::double as score
    from temp.main.reference_labels as reference_labels
    inner join temp.main.common_images as common_images on common_images.image_key = reference_labels.image_key
    where reference_labels.w is not null
),

predicted as (
    select
        other_labels.category,
        common_images.image,
        false as is_reference,
        other_labels.number,
        other_labels.x,
        other_labels.y,
        other_labels.w,
        other_labels.h,
        other_labels.w * other_labels.h as area,
        false as is_ignored,
        false as is_crowd,
        false as has_no_number,
        other_labels.score
    from temp.main.other_labels as other_labels
    inner join temp.main.common_images as common_images on common_images.other_key = other_labels.image_key
    where
        other_labels.has_box
        and other_labels.category in (select truths.category from truths)
    qualify row_number() over (
        partition by other_labels.category, common_images.image
        order by other_labels.score desc, other_labels.number
    ) <= 100
)

from truths
union all
from predicted
order by category, image, is_reference desc, score desc, number;
