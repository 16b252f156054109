-- Rows of finding_log that this run writes, in place of those of the same findings that were open.
-- grain: finding that is new, differs, or is gone
-- columns: those of finding_log, is_new (not open before), is_absorbed (a group whose rows have other findings now:
--   it goes without having been mended)
-- parameters: checked_at
create or replace temp table finding_changes as
with absorbed as (
    select distinct known.finding_id
    from temp.main.open_findings as known
    inner join temp.main.seen_findings as seen
        on seen.check_name = known.check_name
        and coalesce(seen.project, '') = coalesce(known.project, '')
        and seen.cause is not distinct from known.cause
        and (known.document_id is null or seen.document_id is null or known.document_id = seen.document_id)
    where known.is_group
)

select
    seen.* exclude (is_known),
    null::varchar as last_seen_ingest_id,
    null::timestamptz as last_seen_at,
    null::varchar as mended_ingest_id,
    null::timestamptz as mended_at,
    not seen.is_known as is_new,
    false as is_absorbed
from temp.main.seen_findings as seen
left join temp.main.open_findings as known on known.finding_id = seen.finding_id
where
    known.finding_id is null
    or seen.severity is distinct from known.severity
    or seen.category_name is distinct from known.category_name
    or seen.what is distinct from known.what
    or seen.row_count is distinct from known.row_count
    or seen.label_count is distinct from known.label_count
    or seen.waived is distinct from known.waived

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
    known.waived,
    known.first_seen_ingest_id,
    known.first_seen_at,
    known.seen_ingest_id as last_seen_ingest_id,
    known.seen_at as last_seen_at,
    known.run_ingest_id as mended_ingest_id,
    $checked_at::timestamptz as mended_at,
    false as is_new,
    known.finding_id in (select absorbed.finding_id from absorbed) as is_absorbed
from temp.main.open_findings as known
anti join temp.main.seen_findings as seen on seen.finding_id = known.finding_id;
