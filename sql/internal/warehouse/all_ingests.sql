-- The ledger together with the attempts that wait for the next commit.
-- grain: attempt to load a source
create temp view ingests as
select * from lake.main.ingests
union all by name
select * from temp.main.pending_ingests;
