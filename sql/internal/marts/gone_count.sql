-- Number of document versions that are gone.
-- grain: one row
-- columns: gone_count
select count(*) as gone_count
from temp.main.gone_documents;
