-- What the open findings have in common: how many rows and labels one check concerns for one reason.
-- grain: project, check, cause, severity, and whether it is waived
-- columns: project, check_name, severity, cause (null: what the check finds), status (open or waived), document_id
--   (null if the cause has several, or none), document_count (documents; null for all of the project), row_count,
--   label_count, label_share (of the labels of the project, from 0 to 1; null if the rows are about no label),
--   finding_count (findings), first_seen_at (of the first of them, UTC), newest_at (when the newest of them was first
--   seen, UTC), example (where one of them is, and what is wrong)
create or replace view finding_causes as
with project_labels as (
    select documents.project, sum(documents.annotation_count) as label_count
    from documents
    group by documents.project
),

counted as (
    select
        findings.project,
        findings.check_name,
        findings.severity,
        findings.cause,
        findings.status,
        count(distinct findings.document_id) as known_documents,
        any_value(findings.document_id) as any_document,
        coalesce(bool_or(findings.is_group and findings.document_id is null), false) as is_everywhere,
        sum(findings.row_count)::bigint as row_count,
        sum(findings.label_count)::bigint as label_count,
        count(*) as finding_count,
        min(findings.first_seen_at) as first_seen_at,
        max(findings.first_seen_at) as newest_at,
        arg_min(
            concat_ws(
                ' ',
                if(starts_with(findings.image_key, findings.document_id), null, findings.document_id),
                findings.image_key,
                findings.label_id || ':',
                findings.what
            ),
            findings.finding_id
        ) as example
    from findings
    where findings.status <> 'mended'
    group by findings.project, findings.check_name, findings.severity, findings.cause, findings.status
)

select
    counted.project,
    counted.check_name,
    counted.severity,
    counted.cause,
    counted.status,
    if(counted.known_documents = 1 and not counted.is_everywhere, counted.any_document, null) as document_id,
    if(counted.is_everywhere, null, counted.known_documents) as document_count,
    counted.row_count,
    counted.label_count,
    if(counted.label_count > 0, least(counted.label_count / nullif(project_labels.label_count, 0), 1), null)
        as label_share,
    counted.finding_count,
    counted.first_seen_at,
    counted.newest_at,
    counted.example
from counted
left join project_labels on project_labels.project is not distinct from counted.project;
