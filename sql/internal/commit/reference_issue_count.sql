-- Number of issues in a part of the commit.
-- grain: one row
-- columns: issue_count
select count(*) as issue_count
from temp.main.reference_issues;
