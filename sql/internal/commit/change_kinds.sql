-- How many documents a commit brings or takes, by what the history has to do with them.
-- grain: one row
-- columns: arrived (new to the project: told without what their labels say), compared (replaced, removed or
--   back: label by label), kept (come again with equal fingerprints)
select
    count(*) filter (where old_key is null and not is_back) as arrived,
    count(*) filter (where not is_same and (old_key is not null or is_back)) as compared,
    count(*) filter (where is_same) as kept
from temp.main.history_documents;
