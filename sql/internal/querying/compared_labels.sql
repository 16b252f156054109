-- The outcome of each label of both sides. Labels of crowded images have none.
-- grain: label of the reference side, with the other side's label where there is one; or label of the other side
--   alone
-- columns: document_id, image_key, outcome (agreed; loose, with an overlap below good_iou; other class; missed, on
--   the reference side alone; extra, on the other side alone), category and other_category, label_id and
--   other_label_id, iou, score (of the other side), x, y, w, h, other_x, other_y, other_w, other_h (pixels)
-- parameters: good_iou
create or replace temp table compared_labels as
with reference as (
    select placed_labels.*, reference_labels.document_id
    from temp.main.placed_labels as placed_labels
    inner join temp.main.reference_labels as reference_labels on reference_labels.number = placed_labels.number
    anti join temp.main.crowded_images as crowded_images on crowded_images.image = placed_labels.image
    where placed_labels.is_reference
),

other as (
    select placed_labels.*, other_labels.score
    from temp.main.placed_labels as placed_labels
    inner join temp.main.other_labels as other_labels on other_labels.number = placed_labels.number
    anti join temp.main.crowded_images as crowded_images on crowded_images.image = placed_labels.image
    where not placed_labels.is_reference
),

outcomes as (
    select
        reference.image,
        reference.document_id,
        case
            when matches.number is null then 'missed'
            when reference.category <> other.category then 'other class'
            when matches.iou < $good_iou::double then 'loose'
            else 'agreed'
        end as outcome,
        reference.category,
        other.category as other_category,
        reference.label_id,
        other.label_id as other_label_id,
        matches.iou,
        other.score,
        reference.x,
        reference.y,
        reference.w,
        reference.h,
        other.x as other_x,
        other.y as other_y,
        other.w as other_w,
        other.h as other_h,
        reference.number,
        other.number as other_number
    from reference
    left join temp.main.matches as matches on matches.number = reference.number
    left join other on other.number = matches.other_number

    union all

    select
        other.image,
        null,
        'extra',
        null,
        other.category,
        null,
        other.label_id,
        null,
        other.score,
        null,
        null,
        null,
        null,
        other.x,
        other.y,
        other.w,
        other.h,
        null,
        other.number
    from other
    anti join temp.main.matches as matches on matches.other_number = other.number
)

select
    coalesce(outcomes.document_id, common_images.document_id) as document_id,
    common_images.image_key,
    outcomes.* exclude (image, document_id),
    outcomes.image
from outcomes
inner join temp.main.common_images as common_images on common_images.image = outcomes.image;
