-- How many labels each ingest added, removed and changed, by document and category.
-- grain: ingest, document and category
-- columns: project, snapshot_id, ingest_id, ingest_number, changed_at (UTC), night (date of changed_at, UTC),
--   document_id, category (name after the change), added (labels), removed (labels), changed (labels)
create or replace view ingest_churn as
select
    project,
    snapshot_id,
    ingest_id,
    ingest_number,
    changed_at,
    changed_at::date as night,
    document_id,
    category,
    count(*) filter (where change = 'added') as added,
    count(*) filter (where change = 'removed') as removed,
    count(*) filter (where change = 'changed') as changed
from label_changes
group by
    project, snapshot_id, ingest_id, ingest_number, changed_at, changed_at::date, document_id, category;
