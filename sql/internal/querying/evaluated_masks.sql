-- The masks of the labels and predictions of a comparison, for evaluated_labels.
-- grain: label or prediction with a segmentation whose size is known
-- columns: is_reference, document_key, position, is_bare (false), polygons, rle_counts, height and width (of the mask
--   or image, pixels)
-- parameters: snapshot, other_snapshot (states of the sides)
with shapes as (
    select true as is_reference, document_key, position, polygons, rle_counts, rle_height, rle_width
    from annotations at (version => $snapshot)
    where
        document_key in (select document_key from temp.main.reference_labels)
        and segmentation_kind in ('polygon', 'rle')
    union all
    select false, set_key, position, polygons, rle_counts, rle_height, rle_width
    from predictions at (version => $other_snapshot)
    where
        set_key in (select document_key from temp.main.other_labels)
        and segmentation_kind in ('polygon', 'rle')
),

placed as (
    select
        true as is_reference,
        reference_labels.document_key,
        reference_labels.position,
        common_images.height,
        common_images.width
    from temp.main.reference_labels as reference_labels
    inner join temp.main.common_images as common_images on common_images.image_key = reference_labels.image_key
    union all
    select false, other_labels.document_key, other_labels.position, common_images.height, common_images.width
    from temp.main.other_labels as other_labels
    inner join temp.main.common_images as common_images on common_images.other_key = other_labels.image_key
)

select
    shapes.is_reference,
    shapes.document_key,
    shapes.position,
    false as is_bare,
    shapes.polygons,
    shapes.rle_counts,
    coalesce(shapes.rle_height, placed.height) as height,
    coalesce(shapes.rle_width, placed.width) as width
from shapes
inner join placed
    on placed.is_reference = shapes.is_reference
    and placed.document_key = shapes.document_key
    and placed.position = shapes.position
where
    coalesce(shapes.rle_height, placed.height) > 0
    and coalesce(shapes.rle_width, placed.width) > 0;
