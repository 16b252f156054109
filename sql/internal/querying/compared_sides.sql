-- Outcomes of labels, by the class that each counts for.
-- grain: outcome; two rows for one with different classes, one a class
-- columns: document_id, image_key, image, outcome, class, is_of_reference, is_of_other, iou
create or replace temp view compared_sides as
select
    document_id,
    image_key,
    image,
    outcome,
    if(outcome = 'extra', other_category, category) as class,
    outcome <> 'extra' as is_of_reference,
    outcome not in ('missed', 'other class') as is_of_other,
    iou
from temp.main.compared_labels as compared_labels

union all

select document_id, image_key, image, outcome, other_category, false, true, iou
from temp.main.compared_labels as compared_labels
where outcome = 'other class';
