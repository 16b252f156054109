-- Names of processes and of ingests that have not ended; for PostgreSQL.
-- grain: name
-- columns: name
select run as name
from labelhouse.runs
union all
select ingest_id
from labelhouse.attempts
where ended_at is null;
