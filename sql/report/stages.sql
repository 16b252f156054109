-- Label rows in each stage and status after the last night of their project.
-- grain: project, stage, status
-- columns: project, night (UTC), workflow_stage, label_status, task_status, label_rows, labels (of these rows)
-- parameters: project (null for all)
select
    project,
    night,
    workflow_stage,
    label_status,
    task_status,
    row_count as label_rows,
    label_count as labels
from row_stages_by_night
where $project is null or project = $project
qualify night = max(night) over (partition by project)
order by project, label_rows desc, workflow_stage, label_status, task_status;
