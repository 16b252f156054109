-- The snapshot that the marts hold after a refresh, and its last ingest.
-- grain: one row
-- columns: snapshot_id, ingest_number (highest number that has committed, 0 before the first)
select
    (select max(snapshots.snapshot_id) from ducklake_snapshots('lake') as snapshots) as snapshot_id,
    (
        select coalesce(max(ingests.ingest_number), 0)
        from ingests
        where ingests.status = 'committed'
    ) as ingest_number;
