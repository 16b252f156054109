-- Findings of the checks, each from the run that saw it first on: open, waived or mended.
-- grain: finding
-- columns: finding_id, check_name, severity (error, warning or info: what the finding means), cause, project,
--   document_id (null in a finding about the project as a whole), image_key (null in one about no single image),
--   label_id, category_name (of the label, or that the finding is about), what,
--   status (Open, waived or mended), is_group, row_count (failing rows that it stands for), label_count (labels that
--   it stands for; 0 for one about no label), waived, first_seen_at, last_seen_at (When the
--   last run began that saw it, UTC), mended_at, night (Day on which it was first seen, UTC)
select
    findings.finding_id,
    findings.check_name,
    findings.severity,
    findings.cause,
    findings.project,
    findings.document_id,
    findings.image_key,
    findings.label_id,
    findings.category_name,
    findings.what,
    findings.status,
    findings.is_group,
    findings.row_count,
    findings.label_count,
    findings.waived,
    findings.first_seen_at::timestamp as first_seen_at,
    findings.last_seen_at::timestamp as last_seen_at,
    findings.mended_at::timestamp as mended_at,
    findings.first_seen_at::date as night
from lake.main.findings as findings
order by findings.check_name, findings.project, findings.document_id, findings.finding_id;
