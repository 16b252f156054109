-- Labels that each night added, removed and changed; the first load of a project is told apart.
-- grain: night
-- columns: night (UTC), first_loads (labels that the first night of a project added), added, changed, removed
-- parameters: project (null for all), nights (nights at most)
with first_nights as (
    select label_churn.project, min(label_churn.night) as night
    from label_churn
    group by label_churn.project
)

select
    label_churn.night,
    coalesce(sum(label_churn.added_count) filter (where label_churn.night = first_nights.night), 0)::bigint
        as first_loads,
    coalesce(sum(label_churn.added_count) filter (where label_churn.night > first_nights.night), 0)::bigint
        as added,
    sum(label_churn.changed_count)::bigint as changed,
    sum(label_churn.removed_count)::bigint as removed
from label_churn
inner join first_nights on first_nights.project = label_churn.project
where $project is null or label_churn.project = $project
group by label_churn.night
order by label_churn.night desc
limit $nights;
