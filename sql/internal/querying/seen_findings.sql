-- Findings that are open after this run. A finding that was open stays, even in a group that has become too large.
-- grain: finding
-- columns: those of finding_log up to first_seen_at, is_known (it was open before)
-- parameters: checked_at (when this run began), keeps_waivers (the run has no waivers: those of before stay)
create or replace temp table seen_findings as
with kept_members as (
    select group_members.finding_id, group_members.group_id
    from group_members
    semi join temp.main.open_findings as known
        on known.finding_id = group_members.finding_id and not known.is_group
),

kept_counts as (
    select kept_members.group_id, count(*) as kept_count
    from kept_members
    group by kept_members.group_id
),

current_findings as (
    select
        run_findings.finding_id,
        run_findings.check_name,
        run_findings.severity,
        run_findings.cause,
        run_findings.project,
        run_findings.document_id,
        run_findings.image_key,
        run_findings.label_id,
        run_findings.category_name,
        run_findings.what,
        run_findings.is_group,
        run_findings.row_count - coalesce(kept_counts.kept_count, 0) as row_count,
        greatest(run_findings.label_count - coalesce(kept_counts.kept_count, 0), 0) as label_count,
        run_findings.waived,
        finding_scope.ingest_id
    from run_findings
    inner join temp.main.finding_scope as finding_scope
        on finding_scope.check_name = run_findings.check_name
        and coalesce(finding_scope.project, '') = coalesce(run_findings.project, '')
    left join kept_counts on kept_counts.group_id = run_findings.finding_id
    where run_findings.row_count > coalesce(kept_counts.kept_count, 0)
),

-- what a group stood for is not new when it gets a finding of its own, or another group.
former as (
    select
        current_findings.finding_id,
        min(known.first_seen_at) as first_seen_at,
        arg_min(known.first_seen_ingest_id, known.first_seen_at) as first_seen_ingest_id
    from current_findings
    inner join temp.main.open_findings as known
        on known.is_group
        and known.check_name = current_findings.check_name
        and coalesce(known.project, '') = coalesce(current_findings.project, '')
        and known.cause is not distinct from current_findings.cause
        and (
            known.document_id is null
            or current_findings.document_id is null
            or known.document_id = current_findings.document_id
        )
    where known.finding_id not in (select run_findings.finding_id from run_findings)
    group by current_findings.finding_id
)

select
    current_findings.* exclude (ingest_id, waived),
    if($keeps_waivers, known.waived, current_findings.waived) as waived,
    coalesce(known.first_seen_ingest_id, former.first_seen_ingest_id, current_findings.ingest_id)
        as first_seen_ingest_id,
    coalesce(known.first_seen_at, former.first_seen_at, $checked_at::timestamptz) as first_seen_at,
    known.finding_id is not null as is_known
from current_findings
left join temp.main.open_findings as known on known.finding_id = current_findings.finding_id
left join former on former.finding_id = current_findings.finding_id

union all

select
    known.finding_id,
    known.check_name,
    known.severity,
    known.cause,
    known.project,
    known.document_id,
    known.image_key,
    known.label_id,
    known.category_name,
    known.what,
    known.is_group,
    known.row_count,
    known.label_count,
    if($keeps_waivers, known.waived, groups.waived) as waived,
    known.first_seen_ingest_id,
    known.first_seen_at,
    true as is_known
from temp.main.open_findings as known
inner join kept_members on kept_members.finding_id = known.finding_id
inner join run_findings as groups on groups.finding_id = kept_members.group_id;
