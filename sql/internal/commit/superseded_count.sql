-- Number of document versions that a commit removes.
-- grain: one row
-- columns: superseded, absent
select count(*) as superseded, count(*) filter (where is_absent) as absent
from temp.main.superseded_documents;
