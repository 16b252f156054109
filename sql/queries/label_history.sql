-- Which states did a label go through, and when?
-- grain: state of the label
-- columns: project, document_id, image_key, label_id, category (name of the class), change (added or changed:
--   how the state began), fields (what changed), before (JSON, as in label_changes), after (JSON, as in
--   label_changes), ingest_id (ingest that brought the state), valid_from (UTC), valid_to (UTC, null while it
--   holds), ended_by (changed, removed or added; null while it holds)
-- parameters: label (label_id, as the view labels has it), image (image_key; default null: all),
--   project (project; default null: all)
select
    label_history.project,
    label_history.document_id,
    label_history.image_key,
    label_history.label_id,
    label_history.category,
    label_history.change,
    label_history.fields,
    label_history.before,
    label_history.after,
    label_history.ingest_id,
    label_history.valid_from,
    label_history.valid_to,
    label_history.ended_by
from label_history
where
    label_history.label_id = $label
    and ($image is null or label_history.image_key = $image)
    and ($project is null or label_history.project = $project)
order by label_history.project, label_history.document_id, label_history.image_key, label_history.snapshot_id;
