-- The results lists of a staged source.
-- grain: results list
-- columns: set_key, list_name
create or replace temp table prediction_lists as
select document_key as set_key, document_id as list_name
from temp.main.staged_lists as staged_lists;
