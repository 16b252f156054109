-- Write attempts into the ledger; one that is there already is passed over.
insert into ingests
select given_attempts.*
from given_attempts
where given_attempts.ingest_id not in (select ingest_id from ingests);
