-- Store the records of results lists that could not be stored as predictions.
-- grain: record
-- columns: those of prediction_issues
insert into prediction_issues
select
    document_key,
    position,
    regexp_replace(pointer, '^/annotations', ''),
    code,
    message,
    raw
from temp.main.staged_quarantine as staged_quarantine;
