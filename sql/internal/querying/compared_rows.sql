-- The outcomes of labels, those of the worst images first.
-- grain: outcome
-- columns: document_id, image_key, outcome, category, other_category, label_id, other_label_id, iou, score, x, y, w,
--   h, other_x, other_y, other_w, other_h
with errors as (
    select image, count(*) filter (where outcome <> 'agreed') as error_count
    from temp.main.compared_labels as compared_labels
    group by image
)

select compared_labels.* exclude (number, other_number, image)
from temp.main.compared_labels as compared_labels
inner join errors on errors.image = compared_labels.image
order by
    errors.error_count desc,
    compared_labels.image,
    compared_labels.outcome = 'agreed',
    compared_labels.outcome,
    compared_labels.number,
    compared_labels.other_number;
