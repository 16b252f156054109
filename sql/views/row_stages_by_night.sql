-- Label rows in each stage and status, night by night: the state after the last ingest of each night.
-- grain: project, night, stage, status (nights with an ingest that changed the project, and after which it has label rows)
-- columns: project, night (day on which the ingest began, UTC), workflow_stage, label_status, task_status, row_count,
--   label_count
create or replace view row_stages_by_night as
with nights as (
    select mart.project, mart.ingested_at::date as night, max(mart.ingest_number) as ingest_number
    from mart_stage_history as mart
    group by mart.project, mart.ingested_at::date
)

select
    mart.project,
    nights.night,
    mart.workflow_stage,
    mart.label_status,
    mart.task_status,
    mart.row_count,
    mart.label_count
from mart_stage_history as mart
inner join nights on nights.project = mart.project and nights.ingest_number = mart.ingest_number;
