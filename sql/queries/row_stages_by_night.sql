-- How many label rows were in each stage and status, night by night?
-- grain: project, night, stage, status
-- columns: project, night (day on which the ingest began, UTC), workflow_stage, label_status, task_status, row_count
--   (label rows after the last ingest of the night), label_count (labels of these rows, without classifications)
-- parameters: project (project; default null: all), nights (nights to show, 1 or more; default 30)
-- needs: label rows; labelhouse refresh
select
    row_stages_by_night.project,
    row_stages_by_night.night,
    row_stages_by_night.workflow_stage,
    row_stages_by_night.label_status,
    row_stages_by_night.task_status,
    row_stages_by_night.row_count,
    row_stages_by_night.label_count
from row_stages_by_night
where $project is null or row_stages_by_night.project = $project
qualify
    dense_rank() over (
        partition by row_stages_by_night.project order by row_stages_by_night.night desc
    ) <= $nights::bigint
order by
    row_stages_by_night.project,
    row_stages_by_night.night,
    row_stages_by_night.row_count desc,
    row_stages_by_night.workflow_stage,
    row_stages_by_night.label_status,
    row_stages_by_night.task_status;
