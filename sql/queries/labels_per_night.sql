-- How many labels were there after each night, and how many were added, removed and changed?
-- grain: project, night on which labels were added, removed or changed
-- columns: project, night (day on which the ingests began, UTC), label_count (labels after the night),
--   added_count (labels added), removed_count (labels removed), changed_count (changes of labels)
-- parameters: project (project; default null: all)
with nights as (
    select
        label_changes.project,
        label_changes.changed_at::date as night,
        count(*) filter (where label_changes.change = 'added') as added_count,
        count(*) filter (where label_changes.change = 'removed') as removed_count,
        count(*) filter (where label_changes.change = 'changed') as changed_count
    from label_changes
    where $project is null or label_changes.project = $project
    group by label_changes.project, label_changes.changed_at::date
)

select
    nights.project,
    nights.night,
    sum(nights.added_count - nights.removed_count) over (
        partition by nights.project order by nights.night
    )::bigint as label_count,
    nights.added_count,
    nights.removed_count,
    nights.changed_count
from nights
order by nights.project, nights.night;
