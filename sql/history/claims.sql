-- Which identity each label of a new document claims, as a number: texts would take ten times the memory.
-- grain: label
-- columns: document, position, claim (equal for labels of one image with one identity; rarely for others),
--   is_like_given (the identity looks like one that is given where several labels claim one)
create or replace temp table history_claims as
select
    document,
    position,
    hash(image_key, label_id) as claim,
    label_id like '%~%' as is_like_given
from temp.main.history_label_rows
where is_arrival;
