-- Share of labels made by a model, after each night.
-- grain: project, night
-- columns: project, night (UTC), labels, manual (drawn by a person), automated (made by a model or
--   interpolated), unknown (the export does not say), automation_rate (automated over manual and automated)
-- parameters: project (null for all), nights (nights per project at most)
select
    project,
    night,
    sum(label_count)::bigint as labels,
    sum(manual_count)::bigint as manual,
    sum(automated_count)::bigint as automated,
    sum(unknown_count)::bigint as unknown,
    sum(automated_count) / nullif(sum(manual_count + automated_count), 0) as automation_rate
from automation_trend
where $project is null or project = $project
group by project, night
qualify row_number() over (partition by project order by night desc) <= $nights
order by project, night;
