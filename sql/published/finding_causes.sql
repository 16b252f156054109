-- What the open findings have in common: how many rows and labels one check concerns for one reason.
-- grain: project, check, cause, severity, and whether it is waived
-- columns: project, check_name, severity, cause (Short words; null: what the check finds), status (Open or waived),
--   document_id (Null if the cause has several, or none), document_count (Documents; null for all of the project),
--   row_count (failing rows), label_count (labels), label_share (Of the labels of the project, from 0 to 1), finding_count (Findings),
--   first_seen_at (Of the first of them, UTC), newest_at (When the newest of them was first seen, UTC), example (Where
--   one of them is, and what is wrong), night (Day on which the newest of them was first seen, UTC)
select
    finding_causes.project,
    finding_causes.check_name,
    finding_causes.severity,
    finding_causes.cause,
    finding_causes.status,
    finding_causes.document_id,
    finding_causes.document_count,
    finding_causes.row_count,
    finding_causes.label_count,
    finding_causes.label_share,
    finding_causes.finding_count,
    finding_causes.first_seen_at::timestamp as first_seen_at,
    finding_causes.newest_at::timestamp as newest_at,
    finding_causes.example,
    finding_causes.newest_at::date as night
from lake.main.finding_causes as finding_causes
order by finding_causes.severity, finding_causes.row_count desc, finding_causes.check_name, finding_causes.project;
