-- States that each label went through, with the time of each.
-- grain: state of a label
-- columns: project, document_id, image_key, label_id, category (name of the category), change (added or
--   changed: how the state began), fields (what changed), before (JSON, as in label_changes), after (JSON, as
--   in label_changes), ingest_id (ingest that brought the state), snapshot_id (snapshot of that ingest),
--   valid_from (UTC), valid_to (UTC, null while it holds), ended_by (changed, removed or added; null while it
--   holds)
create or replace view label_history as
with states as (
    select
        label_changes.*,
        lead(changed_at) over label as valid_to,
        lead(change) over label as ended_by
    from label_changes
    window label as (
        partition by project, document_id, image_key, label_id order by snapshot_id
    )
)

select
    project,
    document_id,
    image_key,
    label_id,
    category,
    change,
    fields,
    before,
    after,
    ingest_id,
    snapshot_id,
    changed_at as valid_from,
    valid_to,
    ended_by
from states
where change <> 'removed';
