-- How long labels and classifications of each class take to their last edit, and what is edited after a review.
-- grain: class, kind
-- columns: category_name, kind (label or classification), labels (labels or classifications), edited (after their
--   creation), median_hours (from the creation to the last edit), ninetieth_hours (nine in ten take no longer), reviewed
--   (of which a review is known), reworked (edited after it), added (created after it), rework_share (reworked and added
--   over reviewed, 0 to 1)
-- parameters: project (null for all)
select
    category_name,
    kind,
    count(*) as labels,
    count(*) filter (where is_edited) as edited,
    median(hours_to_edit) as median_hours,
    quantile_cont(hours_to_edit, 0.9) as ninetieth_hours,
    count(reviewed_at) as reviewed,
    count(*) filter (where rework = 'edited') as reworked,
    count(*) filter (where rework = 'added') as added,
    count(rework) / nullif(count(reviewed_at), 0) as rework_share
from label_work
where $project is null or project = $project
group by category_name, kind
order by edited desc, labels desc, kind, category_name;
