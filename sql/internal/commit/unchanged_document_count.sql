-- How many documents were stored anew though no label changed.
-- grain: one row
-- columns: quiet
select count(*) as quiet
from temp.main.unchanged_documents;
