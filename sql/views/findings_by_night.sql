-- How many findings each night added and mended, and how many were open at its end.
-- grain: project, severity, night (with a run of the checks that the project has findings before, or on)
-- columns: project, severity, night (day on which the checks ran, UTC), new_count (findings first seen), mended_count
--   (findings), open_count (findings at the end of the night, waived ones too)
-- checks: a group of rows that is too large for findings of their own counts as one finding
create or replace view findings_by_night as
with nights as (
    select check_results.checked_at::date as night
    from check_results
    union
    select finding_log.first_seen_at::date as night
    from finding_log
    union
    select finding_log.mended_at::date as night
    from finding_log
    where finding_log.mended_at is not null
),

events as (
    select finding_log.project, finding_log.severity, finding_log.first_seen_at::date as night, 1 as new_one, 0 as mended_one
    from finding_log
    union all
    select finding_log.project, finding_log.severity, finding_log.mended_at::date as night, 0 as new_one, 1 as mended_one
    from finding_log
    where finding_log.mended_at is not null
),

counted as (
    select
        events.project,
        events.severity,
        events.night,
        sum(events.new_one)::bigint as new_count,
        sum(events.mended_one)::bigint as mended_count
    from events
    group by events.project, events.severity, events.night
),

series as (
    select counted.project, counted.severity, min(counted.night) as first_night
    from counted
    group by counted.project, counted.severity
)

select
    series.project,
    series.severity,
    nights.night,
    coalesce(counted.new_count, 0) as new_count,
    coalesce(counted.mended_count, 0) as mended_count,
    sum(coalesce(counted.new_count, 0) - coalesce(counted.mended_count, 0)) over (
        partition by series.project, series.severity order by nights.night
    )::bigint as open_count
from series
inner join nights on nights.night >= series.first_night
left join counted
    on counted.project is not distinct from series.project
    and counted.severity = series.severity
    and counted.night = nights.night;
