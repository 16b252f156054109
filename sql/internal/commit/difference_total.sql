-- Number of labels that a commit may have to record.
-- grain: one row
-- columns: labels
select count(*) as labels
from temp.main.history_differences;
