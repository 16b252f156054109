-- Whether a label row has reached its review, from what its export says of its place in the workflow.
-- parameters: workflow_stage (title of the stage), label_status, task_status
-- returns: true if the title has the word review or complete, or a status says that a review began, ended or was
--   passed; else false
create or replace macro reached_review(workflow_stage, label_status, task_status) as
    coalesce(regexp_matches(workflow_stage, 'review|complete', 'i'), false)
    or coalesce(label_status in ('REVIEW_IN_PROGRESS', 'REVIEWED', 'REVIEWED_TWICE'), false)
    or coalesce(task_status in ('IN_REVIEW', 'RETURNED', 'COMPLETED'), false);
