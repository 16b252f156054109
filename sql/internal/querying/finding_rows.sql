-- Findings for people and programs, the new ones first.
-- grain: finding
-- columns: check, severity, status (new, open or waived), cause, project, document_id, image_key, label_id, file_name
--   (of the image), category, annotation_id, what, rows (that it stands for), labels (that it stands for), waived
--   (reason), first_seen, first_seen_ingest, last_seen, last_seen_ingest, mended, mended_ingest, finding_id
-- parameters: checked_at
select
    shown_findings.check_name as "check",
    shown_findings.severity,
    case
        when shown_findings.waived is not null then 'waived'
        when shown_findings.is_new then 'new'
        else 'open'
    end as status,
    shown_findings.cause,
    shown_findings.project,
    shown_findings.document_id,
    shown_findings.image_key,
    shown_findings.label_id,
    label_facts.file_name,
    shown_findings.category_name as category,
    label_facts.annotation_id,
    shown_findings.what,
    shown_findings.row_count as "rows",
    shown_findings.label_count as labels,
    shown_findings.waived,
    shown_findings.first_seen_at as first_seen,
    coalesce(shown_findings.first_seen_ingest_id, check_scope.ingest_id) as first_seen_ingest,
    $checked_at::timestamptz as last_seen,
    check_scope.ingest_id as last_seen_ingest,
    null::timestamptz as mended,
    null::varchar as mended_ingest,
    shown_findings.finding_id
from shown_findings
left join check_scope
    on check_scope.check_name = shown_findings.check_name
    and coalesce(check_scope.project, '') = coalesce(shown_findings.project, '')
left join label_facts
    on label_facts.document_key = shown_findings.document_key
    and label_facts.position = shown_findings.annotation_position
order by
    shown_findings.check_name,
    shown_findings.waived is not null,
    not shown_findings.is_new,
    list_position(['error', 'warning', 'info'], shown_findings.severity),
    shown_findings.project,
    shown_findings.row_number;
