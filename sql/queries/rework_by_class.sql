-- How many labels were edited or added after their review, by class?
-- grain: project, kind, class
-- columns: project, kind (label or classification), category_name (name of the class), label_count (labels or
--   classifications), reviewed_count (those of which a review is known), edited_count (edited after its beginning),
--   added_count (created after it), rework_share (edited and added over reviewed_count, 0 to 1)
-- parameters: project (project; default null: all)
-- needs: label rows; labelhouse refresh
select
    label_work.project,
    label_work.kind,
    label_work.category_name,
    count(*) as label_count,
    count(label_work.reviewed_at) as reviewed_count,
    count(*) filter (where label_work.rework = 'edited') as edited_count,
    count(*) filter (where label_work.rework = 'added') as added_count,
    count(label_work.rework) / nullif(count(label_work.reviewed_at), 0) as rework_share
from label_work
where $project is null or label_work.project = $project
group by label_work.project, label_work.kind, label_work.category_name
order by label_work.project, edited_count + added_count desc, label_work.kind, label_work.category_name;
