-- The boxes of the labels and predictions of a comparison, for evaluated_labels.
-- grain: label or prediction with a box
-- columns: is_reference, document_key, position, is_bare (false), x, y, w, h
select
    true as is_reference,
    reference_labels.document_key,
    reference_labels.position,
    false as is_bare,
    reference_labels.x,
    reference_labels.y,
    reference_labels.w,
    reference_labels.h
from temp.main.reference_labels as reference_labels
where reference_labels.w is not null
union all
select
    false,
    other_labels.document_key,
    other_labels.position,
    false,
    other_labels.x,
    other_labels.y,
    other_labels.w,
    other_labels.h
from temp.main.other_labels as other_labels
where other_labels.has_box;
