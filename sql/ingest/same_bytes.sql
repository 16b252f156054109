-- Whether these bytes are what the project last got: loaded before, with no document of the project
-- replaced or removed since.
-- grain: one row
-- columns: is_loaded, documents (how many documents they hold)
-- parameters: project, sha256
with committed as (
    select *
    from ingests
    where project = $project and status = 'committed'
),

loaded as (
    select
        max(ingest_number) as ingest_number,
        arg_max(documents_added + documents_changed + documents_unchanged, ingest_number) as documents
    from committed
    where sha256 = $sha256
)

select
    loaded.ingest_number is not null
    and not exists (
        select 1
        from committed
        where
            committed.ingest_number > loaded.ingest_number
            and committed.documents_changed + committed.documents_renumbered
            + committed.documents_removed > 0
    ) as is_loaded,
    loaded.documents
from loaded;
