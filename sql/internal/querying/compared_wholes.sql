-- Outcomes of labels, each once.
-- grain: outcome
-- columns: document_id, image_key, image, outcome, is_of_reference, is_of_other, iou
create or replace temp view compared_wholes as
select document_id, image_key, image, outcome, true as is_of_reference, true as is_of_other, iou
from temp.main.compared_labels as compared_labels;
