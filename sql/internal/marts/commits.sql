-- Commits that the marts lack, oldest first.
-- grain: commit
-- columns: snapshot_id, project, first_number and last_number (ingest numbers of the commit's ingests)
select
    new_ingests.snapshot_id,
    new_ingests.project,
    min(new_ingests.ingest_number) as first_number,
    max(new_ingests.ingest_number) as last_number
from temp.main.new_ingests as new_ingests
group by new_ingests.snapshot_id, new_ingests.project
order by new_ingests.snapshot_id;
