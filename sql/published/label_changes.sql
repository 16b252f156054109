-- Labels that ingests added, removed or changed; their content before and after stays in the warehouse.
-- grain: label and ingest
-- columns: ingest_id, ingest_number, changed_at, night (Day of that ingest, UTC), project, document_id,
--   image_key, label_id, category, change, fields
-- parameters: first_ingest (number of the first new ingest)
-- needs: the temp table new_ingests
select
    ingest_id,
    ingest_number,
    changed_at::timestamp as changed_at,
    changed_at::date as night,
    project,
    document_id,
    image_key,
    label_id,
    category,
    change,
    fields
from lake.main.label_changes
where
    ingest_number >= $first_ingest
    and ingest_id in (select ingest_id from temp.main.new_ingests)
order by ingest_number;
