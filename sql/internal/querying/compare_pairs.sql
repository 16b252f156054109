-- Pairs of labels that overlap, in the order in which they are matched: those of one class first, the greater
-- overlap first; of equal ones, those of one label_id first, then the earlier labels.
-- grain: pair of a label of each side
-- columns: image, number, other_number, iou, is_same_class
-- parameters: min_iou
with candidates as (
    select reference.image, reference.number, other.number as other_number
    from temp.main.placed_labels as reference
    inner join temp.main.placed_labels as other on other.image = reference.image
    anti join temp.main.dense_images as dense_images on dense_images.image = reference.image
    where
        reference.is_reference
        and not other.is_reference
        and bbox_iou(
            reference.x, reference.y, reference.w, reference.h, other.x, other.y, other.w, other.h
        ) >= $min_iou::double

    union all

    select own.image, own.number, met.number
    from temp.main.cells as own
    inner join temp.main.cells as met
        on met.image = own.image and met.size_class = own.size_class and met.cell = own.cell
    inner join temp.main.placed_labels as reference
        on reference.is_reference and reference.number = own.number
    inner join temp.main.placed_labels as other on not other.is_reference and other.number = met.number
    anti join temp.main.crowded_images as crowded_images on crowded_images.image = own.image
    where
        own.is_reference
        and not met.is_reference
        and bbox_iou(
            reference.x, reference.y, reference.w, reference.h, other.x, other.y, other.w, other.h
        ) >= $min_iou::double
)

select
    candidates.image,
    candidates.number,
    candidates.other_number,
    bbox_iou(reference.x, reference.y, reference.w, reference.h, other.x, other.y, other.w, other.h) as iou,
    reference.category = other.category as is_same_class
from candidates
inner join temp.main.placed_labels as reference
    on reference.is_reference and reference.number = candidates.number
inner join temp.main.placed_labels as other on not other.is_reference and other.number = candidates.other_number
order by
    candidates.image,
    is_same_class desc,
    iou desc,
    reference.label_id = other.label_id desc,
    candidates.number,
    candidates.other_number;
