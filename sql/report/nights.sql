-- How the ingests of the last nights went.
-- grain: night
-- columns: night (UTC), loads, committed, unchanged, rejected, documents_added, documents_changed,
--   documents_removed, labels_written, quarantined, issues, last_error
-- parameters: project (null for all), nights (nights at most)
select
    night,
    sum(ingest_count)::bigint as loads,
    sum(committed_count)::bigint as committed,
    sum(unchanged_count)::bigint as unchanged,
    sum(rejected_count)::bigint as rejected,
    sum(documents_added)::bigint as documents_added,
    sum(documents_changed)::bigint as documents_changed,
    sum(documents_removed)::bigint as documents_removed,
    sum(annotation_count)::bigint as labels_written,
    sum(quarantined)::bigint as quarantined,
    sum(issues)::bigint as issues,
    any_value(last_error) as last_error
from ingest_health
where $project is null or project = $project
group by night
order by night desc
limit $nights;
