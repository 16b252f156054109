-- Number of labels in a chunk that a commit may have to record, by kind.
-- grain: one row
-- columns: whole (added to known documents, or removed), changed
select
    count(*) filter (where change <> 'changed') as whole,
    count(*) filter (where change = 'changed') as changed
from temp.main.history_chunk;
