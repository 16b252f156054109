-- How many label rows are in each stage and status of the workflow, and how much is in them?
-- grain: project, stage, status
-- columns: project, workflow_stage, label_status, task_status, row_count (label rows), label_count (labels of these
--   rows, without classifications), oldest_edit_at (when the row that has waited longest was last edited, UTC)
-- parameters: project (project; default null: all)
-- needs: label rows
select
    documents.project,
    label_rows.workflow_stage,
    label_rows.label_status,
    label_rows.task_status,
    count(*) as row_count,
    sum(documents.annotation_count)::bigint as label_count,
    min(label_rows.last_edited_at) as oldest_edit_at
from label_rows
inner join documents on documents.document_key = label_rows.document_key
where $project is null or documents.project = $project
group by documents.project, label_rows.workflow_stage, label_rows.label_status, label_rows.task_status
order by
    documents.project, row_count desc, label_rows.workflow_stage, label_rows.label_status, label_rows.task_status;
