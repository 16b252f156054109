-- Which labels are changed most often?
-- grain: label
-- columns: project, document_id, image_key, label_id, category (name of the class after the last change),
--   change_count (number of changes), fields (fields that changed, in alphabetical order),
--   last_changed_at (UTC)
-- parameters: project (project; default null: all), rows (rows at most, 1 or more; default 20)
select
    label_changes.project,
    label_changes.document_id,
    label_changes.image_key,
    label_changes.label_id,
    arg_max(label_changes.category, label_changes.snapshot_id) as category,
    count(*) as change_count,
    list_sort(list_distinct(flatten(list(label_changes.fields)))) as fields,
    max(label_changes.changed_at) as last_changed_at
from label_changes
where label_changes.change = 'changed' and ($project is null or label_changes.project = $project)
group by label_changes.project, label_changes.document_id, label_changes.image_key, label_changes.label_id
order by
    change_count desc,
    label_changes.project,
    label_changes.document_id,
    label_changes.image_key,
    label_changes.label_id
limit $rows::bigint;
