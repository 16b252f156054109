-- Share of labels made by a model, night by night: the state after the last ingest of each night.
-- grain: project, night, class (nights with an ingest that changed the project)
-- columns: project, night (day on which the ingest began, UTC), category_name, label_count, manual_count
--   (drawn by a person), automated_count (made by a model or interpolated), unknown_count (the export does not
--   say), automation_rate (automated over manual and automated, 0 to 1; null where the export says nothing)
create or replace view automation_trend as
with nights as (
    select mart.project, mart.ingested_at::date as night, max(mart.ingest_number) as ingest_number
    from mart_class_history as mart
    group by mart.project, mart.ingested_at::date
)

select
    mart.project,
    nights.night,
    mart.category_name,
    mart.label_count,
    mart.manual_count,
    mart.automated_count,
    mart.label_count - mart.manual_count - mart.automated_count as unknown_count,
    mart.automated_count / nullif(mart.manual_count + mart.automated_count, 0) as automation_rate
from mart_class_history as mart
inner join nights on nights.project = mart.project and nights.ingest_number = mart.ingest_number;
