-- Age of labels when they were changed or removed; `where nights >= 7` finds the late ones.
-- grain: change or removal of a label
-- columns: project, document_id, image_key, label_id, category, change (changed or removed), fields, before,
--   after, ingest_id, snapshot_id, changed_at (UTC), added_at (UTC, when the label was last added), nights (days between the dates of both, UTC), ingests (commits into the project since)
create or replace view late_label_changes as
with told as (
    select
        label_changes.*,
        max(if(change = 'added', snapshot_id, null)) over label as added_snapshot_id,
        max(if(change = 'added', changed_at, null)) over label as added_at
    from label_changes
    window label as (
        partition by project, document_id, image_key, label_id order by snapshot_id
    )
),

commits as (
    select project, snapshot_id, row_number() over (partition by project order by snapshot_id) as nth
    from (select distinct project, snapshot_id from ingests where snapshot_id is not null) as made
)

select
    told.project,
    told.document_id,
    told.image_key,
    told.label_id,
    told.category,
    told.change,
    told.fields,
    told.before,
    told.after,
    told.ingest_id,
    told.snapshot_id,
    told.changed_at,
    told.added_at,
    date_diff('day', told.added_at, told.changed_at) as nights,
    changed_commits.nth - added_commits.nth as ingests
from told
inner join commits as changed_commits
    on changed_commits.project = told.project and changed_commits.snapshot_id = told.snapshot_id
inner join commits as added_commits
    on added_commits.project = told.project and added_commits.snapshot_id = told.added_snapshot_id
where told.change <> 'added';
