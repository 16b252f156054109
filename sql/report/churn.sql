-- Labels that each night added, removed and changed.
-- grain: night
-- columns: night (UTC), added, changed, removed
-- parameters: project (null for all), nights (nights at most)
select
    night,
    sum(added_count)::bigint as added,
    sum(changed_count)::bigint as changed,
    sum(removed_count)::bigint as removed
from label_churn
where $project is null or project = $project
group by night
order by night desc
limit $nights;
