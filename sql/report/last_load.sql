-- The last load of the project, or of all.
-- grain: one row
-- columns: project_count, loaded_at (UTC, when the last load began; null without any), committed_at (UTC, when the
--   last load began that changed something)
-- parameters: project (null for all)
select
    (
        select count(distinct documents.project)
        from documents
        where $project is null or documents.project = $project
    ) as project_count,
    max(ingests.started_at) as loaded_at,
    max(ingests.started_at) filter (where ingests.status = 'committed') as committed_at
from ingests
where $project is null or ingests.project = $project;
