-- How many doubts there are in a part of the commit.
-- grain: one row
-- columns: doubts
select count(*) as doubts
from temp.main.reference_doubts;
