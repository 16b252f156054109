-- Findings of the checks that each night added and mended, and that were open at its end; the last nights.
-- grain: night
-- columns: night, first_checks (findings of the first night that a project was checked), new (findings of later
--   nights), mended (findings), open_findings (at the end of the night)
-- parameters: project (null for all), nights (how many)
with first_nights as (
    select check_results.project, min(check_results.night) as night
    from check_results
    group by check_results.project
)

select
    findings_by_night.night,
    coalesce(
        sum(findings_by_night.new_count) filter (where findings_by_night.night <= first_nights.night), 0
    )::bigint as first_checks,
    coalesce(
        sum(findings_by_night.new_count) filter (where findings_by_night.night > first_nights.night), 0
    )::bigint as new,
    sum(findings_by_night.mended_count)::bigint as mended,
    sum(findings_by_night.open_count)::bigint as open_findings
from findings_by_night
left join first_nights on first_nights.project is not distinct from findings_by_night.project
where $project is null or findings_by_night.project = $project
group by findings_by_night.night
order by findings_by_night.night desc
limit $nights;
