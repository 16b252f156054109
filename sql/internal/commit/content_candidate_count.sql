-- Number of pairs in content_candidates.
-- grain: one row
-- columns: candidates
select count(*) as candidates
from temp.main.content_candidates;
