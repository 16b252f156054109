-- Which labels were changed or removed long after they had been added?
-- grain: change or removal of a label
-- columns: project, document_id, image_key, label_id, category (name of the class), change (changed or removed),
--   fields (what changed), added_at (UTC, when the label was last added), changed_at (UTC), nights (days between
--   the dates of both, UTC)
-- parameters: project (project; default null: all), min_nights (days at least, 0 or more; default 7), rows (rows
--   at most, 1 or more; default 1000)
select
    late_label_changes.project,
    late_label_changes.document_id,
    late_label_changes.image_key,
    late_label_changes.label_id,
    late_label_changes.category,
    late_label_changes.change,
    late_label_changes.fields,
    late_label_changes.added_at,
    late_label_changes.changed_at,
    late_label_changes.nights
from late_label_changes
where
    late_label_changes.nights >= $min_nights::bigint
    and ($project is null or late_label_changes.project = $project)
order by
    late_label_changes.nights desc,
    late_label_changes.snapshot_id desc,
    late_label_changes.project,
    late_label_changes.document_id,
    late_label_changes.image_key,
    late_label_changes.label_id
limit $rows::bigint;
