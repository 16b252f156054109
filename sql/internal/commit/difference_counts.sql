-- How many labels of a chunk a commit may have to tell of, by kind.
-- grain: one row
-- columns: whole (added to known documents, or removed), changed
select
    count(*) filter (where change <> 'changed') as whole,
    count(*) filter (where change = 'changed') as changed
from temp.main.history_chunk;
