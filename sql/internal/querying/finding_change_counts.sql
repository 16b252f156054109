-- How many rows of finding_log this run writes.
-- grain: one row
-- columns: new_count, mended_count, row_count (all that differ)
select
    count(*) filter (where finding_changes.is_new) as new_count,
    count(*) filter (where finding_changes.mended_at is not null and not finding_changes.is_absorbed) as mended_count,
    count(*) as row_count
from temp.main.finding_changes as finding_changes;
