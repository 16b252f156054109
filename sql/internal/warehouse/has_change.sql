-- Whether a snapshot was made by a change.
-- grain: one row
-- columns: is_known
-- parameters: change_id
select coalesce(bool_or(contains(commit_extra_info, $change_id)), false) as is_known
from lake.snapshots();
