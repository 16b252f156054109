-- Labels and classifications created and edited on each day, the last days with any.
-- grain: day
-- columns: day (UTC), people (different persons), created, edited (whose last edit is on the day)
-- parameters: project (null for all), nights (days at most)
with done as (
    select project, created_day as day, created_by as person, 'created' as what
    from label_work
    where created_day is not null

    union all

    select project, edited_day, last_edited_by, 'edited'
    from label_work
    where edited_day is not null
)

select
    day,
    count(distinct person) as people,
    count(*) filter (where what = 'created') as created,
    count(*) filter (where what = 'edited') as edited
from done
where $project is null or project = $project
group by day
order by day desc
limit $nights;
