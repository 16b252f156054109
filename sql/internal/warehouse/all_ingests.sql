-- The ledger together with the ingests that wait for the next commit.
-- grain: ingest
create temp view ingests as
select * from lake.main.ingests
union all by name
select * from temp.main.pending_ingests;
