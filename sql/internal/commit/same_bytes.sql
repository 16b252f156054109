-- Whether the project got some bytes before, and whether it has lost documents since, as the ledger knows. Bytes
-- that changed nothing count as well as bytes that were committed. Bytes of another source of the call do not: both
-- are there, and each has documents of its own. Bytes whose people were treated otherwise the last time are new.
-- grain: one row
-- columns: is_known, may_lack (documents of the project were removed later, so that some of these bytes'
--   documents may be gone)
-- parameters: project, sha256, source, authors (what becomes of people; null if they are kept)
with known as (
    select
        max(ingest_number) as ingest_number,
        max(finished_at) as finished_at,
        arg_max(snapshot_id, ingest_number) as snapshot_id,
        arg_max(coalesce(authors, 'keep'), ingest_number) as authors
    from ingests
    where
        project = $project
        and sha256 = $sha256
        and status in ('committed', 'unchanged')
        and (source = $source or source not in (select call_sources.source from temp.main.call_sources))
)

select
    coalesce(known.authors = coalesce($authors::varchar, 'keep'), false) as is_known,
    exists (
        select 1
        from ingests
        where
            ingests.project = $project
            and ingests.status = 'committed'
            and ingests.documents_removed > 0
            -- an ingest gets its number when it begins, and may end after others that began later
            and (ingests.ingest_number > known.ingest_number or ingests.finished_at > known.finished_at)
            and ingests.snapshot_id is distinct from known.snapshot_id
    ) as may_lack
from known;
