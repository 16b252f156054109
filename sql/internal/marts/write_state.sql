-- Tell how far the marts are fresh.
-- parameters: snapshot_id, ingest_number, refreshed_at
insert into mart_state (snapshot_id, ingest_number, refreshed_at)
values ($snapshot_id, $ingest_number, $refreshed_at);
