-- Which share of the labels and classifications that each person created was drawn by hand?
-- grain: project, person
-- columns: project, person (who created them, as stored; null for unknown), label_count (labels and classifications),
--   manual_count (made by hand), automated_count (made by a model or interpolated), unknown_count (the row does not
--   say), manual_share (manual over manual and automated, 0 to 1; null where the row says nothing), first_day (UTC),
--   last_day (UTC)
-- parameters: project (project; default null: all)
-- needs: label rows
select
    label_work.project,
    label_work.created_by as person,
    count(*) as label_count,
    count(*) filter (where label_work.manual_annotation) as manual_count,
    count(*) filter (where not label_work.manual_annotation) as automated_count,
    count(*) filter (where label_work.manual_annotation is null) as unknown_count,
    avg(label_work.manual_annotation::integer) as manual_share,
    min(label_work.created_at)::date as first_day,
    max(label_work.created_at)::date as last_day
from label_work
where $project is null or label_work.project = $project
group by label_work.project, label_work.created_by
order by label_work.project, label_count desc, person;
