-- Attempts that changed nothing and join the ledger with the next commit, for this connection only.
create temp table pending_ingests as
select given_attempts.*
from given_attempts
where given_attempts.ingest_id not in (select ingests.ingest_id from lake.main.ingests as ingests);
