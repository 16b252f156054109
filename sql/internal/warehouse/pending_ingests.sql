-- Attempts that changed nothing and join the ledger with the next commit, for this connection only.
-- parameters: attempts (ledger rows)
create temp table pending_ingests as
select attempts.*
from (select unnest($attempts, max_depth := 2)) as attempts
where attempts.ingest_id not in (select ingests.ingest_id from lake.main.ingests as ingests);
