-- Time at which the last of the files that no snapshot needs any more was released.
-- grain: one row
-- columns: released_at (UTC, null without such files)
select max(cast(schedule_start as timestamptz)) as released_at
from __ducklake_metadata_lake.ducklake_files_scheduled_for_deletion;
