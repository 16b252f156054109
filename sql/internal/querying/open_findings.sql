-- Findings that were open before this run, of the checks that it updates.
-- grain: finding
-- columns: those of finding_log, run_ingest_id (latest ingest of the project), seen_ingest_id and seen_at (of the
--   latest run before)
create or replace temp table open_findings as
select
    finding_log.*,
    finding_scope.ingest_id as run_ingest_id,
    coalesce(finding_scope.last_seen_ingest_id, finding_log.first_seen_ingest_id) as seen_ingest_id,
    coalesce(finding_scope.last_seen_at, finding_log.first_seen_at) as seen_at
from finding_log
inner join temp.main.finding_scope as finding_scope
    on finding_scope.check_name = finding_log.check_name
    and coalesce(finding_scope.project, '') = coalesce(finding_log.project, '')
where finding_log.mended_at is null;
