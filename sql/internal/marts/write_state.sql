-- Record which state the marts hold.
-- parameters: snapshot_id, ingest_number, refreshed_at, statements_hash
insert into mart_state (snapshot_id, ingest_number, refreshed_at, statements_hash)
values ($snapshot_id, $ingest_number, $refreshed_at, $statements_hash);
