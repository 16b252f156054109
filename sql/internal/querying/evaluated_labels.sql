-- The labels and predictions that average precision is computed from: of classes that the reference side has labels
-- of, and of each image and class the predictions of the highest scores.
-- grain: label or prediction
-- columns: category, image, is_reference, number, area (null for a prediction without a box), is_ignored, is_crowd,
--   has_no_number (an annotation id of 0), score, then those of the geometry; sorted by class, image and side,
--   predictions by score
-- identifiers: geometry (evaluated_boxes, evaluated_masks or evaluated_keypoints)
-- parameters: most (predictions of an image and class), those of the geometry
with geometry as (
{geometry}
),

truths as (
    select
        reference_labels.category,
        common_images.image,
        true as is_reference,
        reference_labels.number,
        coalesce(reference_labels.area, reference_labels.w * reference_labels.h, 0) as area,
        reference_labels.is_crowd or geometry.is_bare as is_ignored,
        reference_labels.is_crowd,
        reference_labels.annotation_id is not distinct from 0 as has_no_number,
        null::double as score,
        geometry.* exclude (is_reference, document_key, position, is_bare)
    from temp.main.reference_labels as reference_labels
    inner join temp.main.common_images as common_images on common_images.image_key = reference_labels.image_key
    inner join geometry
        on geometry.is_reference
        and geometry.document_key = reference_labels.document_key
        and geometry.position = reference_labels.position
),

predicted as (
    select
        other_labels.category,
        common_images.image,
        false as is_reference,
        other_labels.number,
        if(other_labels.has_box, other_labels.w * other_labels.h, null) as area,
        false as is_ignored,
        false as is_crowd,
        false as has_no_number,
        other_labels.score,
        geometry.* exclude (is_reference, document_key, position, is_bare)
    from temp.main.other_labels as other_labels
    inner join temp.main.common_images as common_images on common_images.other_key = other_labels.image_key
    inner join geometry
        on not geometry.is_reference
        and geometry.document_key = other_labels.document_key
        and geometry.position = other_labels.position
    where other_labels.category in (select truths.category from truths)
    qualify row_number() over (
        partition by other_labels.category, common_images.image
        order by other_labels.score desc, other_labels.number
    ) <= $most
)

from truths
union all
from predicted
order by category, image, is_reference desc, score desc, number;
