-- What the last night of each project changed, by class; where it has no earlier night, what its last load changed.
-- grain: project and class, or project without a change
-- columns: project, scope (night: since the night before; load: its last load that changed something, on its only
--   night; first: the project has only been loaded first), night (UTC, of the last load), night_before (UTC, of the load before; null
--   unless scope is night), category_name, added, removed, changed (labels; 0 in a first load)
-- parameters: project (null for all)
with loads as (
    select
        ingests.project,
        ingests.ingest_number,
        ingests.night,
        ingests.status = 'committed' as is_committed,
        ingests.documents_changed + ingests.documents_removed > 0 as is_update
    from ingests
    where
        ingests.status in ('committed', 'unchanged')
        and ($project is null or ingests.project = $project)
),

last_nights as (
    select
        loads.project,
        max(loads.night) as night,
        max(loads.ingest_number) filter (where loads.is_committed and loads.is_update) as last_update
    from loads
    group by loads.project
),

nights as (
    select
        last_nights.project,
        last_nights.night,
        last_nights.last_update,
        max(loads.night) filter (where loads.night < last_nights.night and loads.is_committed) as night_before,
        min(loads.ingest_number) filter (where loads.night = last_nights.night) as night_ingest
    from last_nights
    inner join loads on loads.project = last_nights.project
    group by last_nights.project, last_nights.night, last_nights.last_update
),

scopes as (
    select
        nights.project,
        nights.night,
        nights.night_before,
        case
            when nights.night_before is not null then 'night'
            when nights.last_update is not null then 'load'
            else 'first'
        end as scope,
        case scope when 'night' then nights.night_ingest when 'load' then nights.last_update end as first_ingest
    from nights
)

select
    scopes.project,
    any_value(scopes.scope) as scope,
    any_value(scopes.night) as night,
    any_value(scopes.night_before) as night_before,
    label_changes.category as category_name,
    count(*) filter (where label_changes.change = 'added') as added,
    count(*) filter (where label_changes.change = 'removed') as removed,
    count(*) filter (where label_changes.change = 'changed') as changed
from scopes
left join label_changes
    on label_changes.project = scopes.project and label_changes.ingest_number >= scopes.first_ingest
group by scopes.project, label_changes.category
order by added + removed + changed desc, scopes.project, label_changes.category;
