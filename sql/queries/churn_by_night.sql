-- How many labels of each class were added, removed and changed, night by night?
-- grain: project, night, class
-- columns: project, night (day on which the ingest began, UTC), category (name of the class), added_count
--   (labels added), removed_count (labels removed), changed_count (changes of labels)
-- parameters: project (project; default null: all), category (name of a class; default null: all),
--   since (first night to show, such as 2026-01-31, UTC; default null: the beginning)
select
    label_changes.project,
    label_changes.changed_at::date as night,
    label_changes.category,
    count(*) filter (where label_changes.change = 'added') as added_count,
    count(*) filter (where label_changes.change = 'removed') as removed_count,
    count(*) filter (where label_changes.change = 'changed') as changed_count
from label_changes
where
    ($project is null or label_changes.project = $project)
    and ($category is null or label_changes.category = $category)
    and ($since::date is null or label_changes.changed_at::date >= $since::date)
group by label_changes.project, label_changes.changed_at::date, label_changes.category
order by label_changes.project, night, label_changes.category;
