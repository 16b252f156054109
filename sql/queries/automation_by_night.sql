-- How does the share of labels made by a model change, night by night?
-- grain: project, night with an ingest that changed the project
-- columns: project, night (day on which the ingest began, UTC), label_count (labels after the night),
--   manual_count (drawn by a person), automated_count (made by a model or interpolated), unknown_count (the
--   export does not say), automation_rate (automated over manual and automated, 0 to 1; null where the export
--   says nothing)
-- parameters: project (project; default null: all), category (name of a class; default null: all)
-- needs: labelhouse refresh
select
    automation_trend.project,
    automation_trend.night,
    sum(automation_trend.label_count)::bigint as label_count,
    sum(automation_trend.manual_count)::bigint as manual_count,
    sum(automation_trend.automated_count)::bigint as automated_count,
    sum(automation_trend.unknown_count)::bigint as unknown_count,
    sum(automation_trend.automated_count)
    / nullif(sum(automation_trend.manual_count + automation_trend.automated_count), 0) as automation_rate
from automation_trend
where
    ($project is null or automation_trend.project = $project)
    and ($category is null or automation_trend.category_name = $category)
group by automation_trend.project, automation_trend.night
order by automation_trend.project, automation_trend.night;
