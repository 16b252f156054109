-- Which documents had labels changed last night?
-- grain: project, document
-- columns: project, document_id, night (day on which the ingest began, UTC), added_count (labels added),
--   removed_count (labels removed), changed_count (changes of labels), is_present (whether the warehouse still
--   has the document)
-- parameters: project (project; default null: all),
--   night (day on which the ingests began, such as 2026-01-31, UTC; default null: that of the last ingest)
with last_ingest as (
    select max(ingests.started_at)::date as night
    from ingests
    where $project is null or ingests.project = $project
)

select
    label_changes.project,
    label_changes.document_id,
    label_changes.changed_at::date as night,
    count(*) filter (where label_changes.change = 'added') as added_count,
    count(*) filter (where label_changes.change = 'removed') as removed_count,
    count(*) filter (where label_changes.change = 'changed') as changed_count,
    (label_changes.project, label_changes.document_id) in (
        select (documents.project, documents.document_id) from documents
    ) as is_present
from label_changes
cross join last_ingest
where
    label_changes.changed_at::date = coalesce($night::date, last_ingest.night)
    and ($project is null or label_changes.project = $project)
group by label_changes.project, label_changes.document_id, label_changes.changed_at::date
order by count(*) desc, label_changes.project, label_changes.document_id;
