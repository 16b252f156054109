-- Which fields of labels change, and how often?
-- grain: project, field
-- columns: project, field (category, bbox, segmentation, keypoints, attributes.NAME and so on), change_count
--   (changes of the field), document_count (documents with such a change), last_changed_at (UTC)
-- parameters: project (project; default null: all),
--   since (first night to count, such as 2026-01-31, UTC; default null: the beginning)
with parts as (
    select
        label_changes.project,
        label_changes.document_id,
        label_changes.changed_at,
        unnest(label_changes.fields) as field
    from label_changes
    where
        label_changes.change = 'changed'
        and ($project is null or label_changes.project = $project)
        and ($since::date is null or label_changes.changed_at::date >= $since::date)
)

select
    parts.project,
    parts.field,
    count(*) as change_count,
    count(distinct parts.document_id) as document_count,
    max(parts.changed_at) as last_changed_at
from parts
group by parts.project, parts.field
order by parts.project, change_count desc, parts.field;
