-- How many labels a commit may have to tell of.
-- grain: one row
-- columns: labels
select count(*) as labels
from temp.main.history_differences;
