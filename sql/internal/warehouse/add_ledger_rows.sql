-- Write attempts into the ledger; one that is there already is passed over.
-- parameters: attempts (ledger rows)
insert into ingests
select attempts.*
from (select unnest($attempts, max_depth := 2)) as attempts
where attempts.ingest_id not in (select ingest_id from ingests);
