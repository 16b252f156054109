-- How long after their creation are labels and classifications edited for the last time?
-- grain: project, kind, class
-- columns: project, kind (label or classification), category_name (name of the class), label_count (labels or
--   classifications), edited_count (edited after their creation), edited_share (0 to 1), median_hours (from the
--   creation to the last edit, of those edited), ninetieth_hours (nine in ten take no longer), most_hours (the longest)
-- parameters: project (project; default null: all)
-- needs: label rows
select
    label_work.project,
    label_work.kind,
    label_work.category_name,
    count(*) as label_count,
    count(*) filter (where label_work.is_edited) as edited_count,
    avg(label_work.is_edited::integer) as edited_share,
    median(label_work.hours_to_edit) as median_hours,
    quantile_cont(label_work.hours_to_edit, 0.9) as ninetieth_hours,
    max(label_work.hours_to_edit) as most_hours
from label_work
where $project is null or label_work.project = $project
group by label_work.project, label_work.kind, label_work.category_name
order by label_work.project, edited_count desc, label_work.kind, label_work.category_name;
