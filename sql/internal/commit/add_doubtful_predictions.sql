-- Store the issues that the reader has found in results lists. Predictions have no ids, their lists no other
-- sections, and their keypoints often a score in place of a visibility.
-- grain: value
-- columns: those of prediction_issues
insert into prediction_issues
select
    document_key,
    position,
    regexp_replace(pointer, '^/annotations', ''),
    code,
    message,
    null
from temp.main.staged_issues as staged_issues
where
    section = 'annotations'
    and not (code = 'MISSING_FIELD' and pointer like '%/id')
    and not (code = 'BAD_VALUE' and message like 'keypoints: a visibility%');
