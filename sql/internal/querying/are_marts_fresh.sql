-- Whether no ingest has committed since the state that the marts hold.
-- grain: one row
-- columns: is_fresh
select
    coalesce(
        (select max(snapshot_id) from lake.main.ingests)
        <= (select max(snapshot_id) from lake.main.mart_state),
        true
    ) as is_fresh;
