-- What differs between two states of the catalog: each commit, expiry and removal changes one of the numbers. For
-- PostgreSQL.
-- grain: one row
-- columns: lake (identity of the lake), newest_snapshot, snapshots, released_files
select
    (select min(schema_uuid::text) from public.ducklake_schema where schema_id = 0) as lake,
    (select max(snapshot_id) from public.ducklake_snapshot) as newest_snapshot,
    (select count(*) from public.ducklake_snapshot) as snapshots,
    (select count(*) from public.ducklake_files_scheduled_for_deletion) as released_files;
