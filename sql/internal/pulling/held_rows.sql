-- Label rows that a project holds, with what Encord's list of rows says of them.
-- grain: label row
-- columns: label_hash, branch, document_id, edited (microseconds of UTC as digits), workflow_stage_uuid,
--   label_status, task_status, priority, task_uuid, assigned_to, last_actioned_by, is_valid
-- parameters: project
select
    rows_held.label_hash,
    coalesce(rows_held.branch_name, 'main') as branch,
    documents.document_id,
    strftime(rows_held.last_edited_at, '%Y%m%dT%H%M%S%f') as edited,
    rows_held.workflow_stage_uuid,
    rows_held.label_status,
    rows_held.task_status,
    rows_held.priority,
    rows_held.task_uuid,
    rows_held.assigned_to,
    rows_held.last_actioned_by,
    rows_held.is_valid
from label_rows as rows_held
inner join documents on rows_held.document_key = documents.document_key
where documents.project = $project and rows_held.label_hash is not null;
