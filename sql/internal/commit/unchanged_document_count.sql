-- Number of documents that were stored again although no label changed.
-- grain: one row
-- columns: quiet
select count(*) as quiet
from temp.main.unchanged_documents;
