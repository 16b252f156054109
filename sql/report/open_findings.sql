-- Open findings of each check by severity, and how many of them its last run saw first.
-- grain: check
-- columns: check_name, errors, warnings, notes (failing rows by severity: error, warning, info), new_rows (failing
--   rows that the last run saw first; 0 if it was the first run), projects (with open findings)
-- parameters: project (null for all)
with runs as (
    select
        check_results.check_name,
        coalesce(check_results.project, '') as project_key,
        max(check_results.checked_at) as checked_at,
        min(check_results.checked_at) as first_checked_at
    from check_results
    group by check_results.check_name, coalesce(check_results.project, '')
)

select
    findings.check_name,
    coalesce(sum(findings.row_count) filter (where findings.severity = 'error'), 0)::bigint as errors,
    coalesce(sum(findings.row_count) filter (where findings.severity = 'warning'), 0)::bigint as warnings,
    coalesce(sum(findings.row_count) filter (where findings.severity = 'info'), 0)::bigint as notes,
    coalesce(
        sum(findings.row_count) filter (
            where findings.first_seen_at >= runs.checked_at and runs.checked_at > runs.first_checked_at
        ),
        0
    )::bigint as new_rows,
    count(distinct findings.project) as projects
from findings
left join runs
    on runs.check_name = findings.check_name and runs.project_key = coalesce(findings.project, '')
where findings.status = 'open' and ($project is null or findings.project = $project)
group by findings.check_name
order by errors desc, warnings desc, notes desc, findings.check_name;
