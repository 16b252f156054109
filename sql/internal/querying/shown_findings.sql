-- Findings of the run with what is known of them: since when they are open, and whether they are new.
-- grain: finding
-- columns: those of run_findings, first_seen_ingest_id, first_seen_at, is_new
-- parameters: checked_at, ingests (a finding first seen in their state is new), since_at (so is one that was first
--   seen later than this; null for none)
create or replace temp table shown_findings as
with kept_members as (
    -- open findings whose group has become too large for findings of their own.
    select seen.finding_id, row_findings.* exclude (finding_id, what, severity, category_name)
    from seen
    inner join row_findings on row_findings.finding_id = seen.finding_id
    where row_findings.group_id is not null
),

judged as (
    select
        run_findings.* exclude (row_count, label_count),
        coalesce(seen.row_count, run_findings.row_count) as row_count,
        coalesce(seen.label_count, run_findings.label_count) as label_count,
        seen.first_seen_ingest_id,
        coalesce(seen.first_seen_at, $checked_at::timestamptz) as first_seen_at
    from run_findings
    left join seen on seen.finding_id = run_findings.finding_id
    where
        seen.finding_id is not null
        or not exists(
            select 1
            from group_members
            inner join seen as kept on kept.finding_id = group_members.finding_id
            where group_members.group_id = run_findings.finding_id
        )

    union all by name

    select
        seen.finding_id,
        seen.check_name,
        seen.severity,
        seen.cause,
        seen.project,
        seen.document_id,
        seen.image_key,
        seen.label_id,
        seen.category_name,
        seen.what,
        seen.is_group,
        seen.row_count,
        seen.label_count,
        waivers.reason as waived,
        kept_members.waiver,
        if(seen.document_id is null, 0, 1)::bigint as document_count,
        if(seen.image_key is null, 0, 1)::bigint as image_count,
        kept_members.document_key,
        kept_members.annotation_position,
        kept_members.row_number,
        [{
            'document_id': seen.document_id,
            'image_key': seen.image_key,
            'label_id': seen.label_id,
            'what': seen.what
        }] as examples,
        seen.first_seen_ingest_id,
        seen.first_seen_at
    from kept_members
    inner join seen on seen.finding_id = kept_members.finding_id
    left join waivers on waivers.waiver = kept_members.waiver
)

select
    judged.*,
    coalesce(judged.first_seen_at > $since_at::timestamptz, false)
    or coalesce(judged.first_seen_ingest_id in (select unnest($ingests::varchar[])), true) as is_new
from judged;
