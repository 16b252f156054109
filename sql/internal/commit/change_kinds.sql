-- Number of documents that a commit brings or removes, by what the history does with them.
-- grain: one row
-- columns: arrived (new to the project: recorded without the content of their labels), compared (replaced,
--   removed or back: compared label by label), kept (stored again with equal fingerprints)
select
    count(*) filter (where old_key is null and not is_back) as arrived,
    count(*) filter (where not is_same and (old_key is not null or is_back)) as compared,
    count(*) filter (where is_same) as kept
from temp.main.history_documents;
