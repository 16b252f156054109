-- Findings of the checks that each night added and mended, and that were open at its end; the last nights.
-- grain: night
-- columns: night, new (findings), mended (findings), open_findings (at the end of the night)
-- parameters: project (null for all), nights (how many)
select
    findings_by_night.night,
    sum(findings_by_night.new_count)::bigint as new,
    sum(findings_by_night.mended_count)::bigint as mended,
    sum(findings_by_night.open_count)::bigint as open_findings
from findings_by_night
where $project is null or findings_by_night.project = $project
group by findings_by_night.night
order by findings_by_night.night desc
limit $nights;
