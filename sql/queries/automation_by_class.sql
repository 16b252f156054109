-- How many labels of each class did a person draw, and how many did a model make?
-- grain: project, class
-- columns: project, category_name (name of the class; null for labels without one), label_count (labels),
--   manual_count (drawn by a person), automated_count (made by a model or interpolated), unknown_count (the
--   export does not say), automation_rate (automated over manual and automated, 0 to 1; null where the export
--   says nothing)
-- parameters: project (project; default null: all)
select
    counted_labels.project,
    counted_labels.category_name,
    count(*) as label_count,
    count(*) filter (where counted_labels.manual_annotation) as manual_count,
    count(*) filter (where not counted_labels.manual_annotation) as automated_count,
    count(*) filter (where counted_labels.manual_annotation is null) as unknown_count,
    avg((not counted_labels.manual_annotation)::integer) as automation_rate
from counted_labels
where $project is null or counted_labels.project = $project
group by counted_labels.project, counted_labels.category_name
order by counted_labels.project, label_count desc, counted_labels.category_name;
