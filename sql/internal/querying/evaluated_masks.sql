-- The labels and predictions that average precision is computed from, with their masks: of classes that the
-- reference side has labels of, and of each image and class the 100 predictions of the highest scores.
-- grain: label or prediction
-- columns: category, image, is_reference, number, polygons, rle_counts, height and width (of the mask or image,
--   pixels), area (null for a prediction without a box), is_ignored, is_crowd, has_no_number (an annotation id
--   of 0), score; sorted by class, image and side, predictions by score
-- parameters: snapshot, other_snapshot (states of the sides)
with shapes as (
    select document_key, position, polygons, rle_counts, rle_height, rle_width
    from annotations at (version => $snapshot)
    where
        document_key in (select document_key from temp.main.reference_labels)
        and segmentation_kind in ('polygon', 'rle')
),

predicted_shapes as (
    select set_key, position, polygons, rle_counts, rle_height, rle_width
    from predictions at (version => $other_snapshot)
    where
        set_key in (select document_key from temp.main.other_labels)
        and segmentation_kind in ('polygon', 'rle')
),

truths as (
    select
        reference_labels.category,
        common_images.image,
        true as is_reference,
        reference_labels.number,
        shapes.polygons,
        shapes.rle_counts,
        coalesce(shapes.rle_height, common_images.height) as height,
        coalesce(shapes.rle_width, common_images.width) as width,
        coalesce(reference_labels.area, reference_labels.w * reference_labels.h, 0) as area,
        reference_labels.is_crowd as is_ignored,
        reference_labels.is_crowd,
        reference_labels.annotation_id is not distinct from 0 as has_no_number,
        null::double as score
    from temp.main.reference_labels as reference_labels
    inner join temp.main.common_images as common_images on common_images.image_key = reference_labels.image_key
    inner join shapes
        on shapes.document_key = reference_labels.document_key and shapes.position = reference_labels.position
    where
        coalesce(shapes.rle_height, common_images.height) > 0
        and coalesce(shapes.rle_width, common_images.width) > 0
),

predicted as (
    select
        other_labels.category,
        common_images.image,
        false as is_reference,
        other_labels.number,
        shapes.polygons,
        shapes.rle_counts,
        coalesce(shapes.rle_height, common_images.height) as height,
        coalesce(shapes.rle_width, common_images.width) as width,
        if(other_labels.has_box, other_labels.w * other_labels.h, null) as area,
        false as is_ignored,
        false as is_crowd,
        false as has_no_number,
        other_labels.score
    from temp.main.other_labels as other_labels
    inner join temp.main.common_images as common_images on common_images.other_key = other_labels.image_key
    inner join predicted_shapes as shapes
        on shapes.set_key = other_labels.document_key and shapes.position = other_labels.position
    where
        coalesce(shapes.rle_height, common_images.height) > 0
        and coalesce(shapes.rle_width, common_images.width) > 0
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
