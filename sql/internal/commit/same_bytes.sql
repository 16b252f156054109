-- Sources of a commit whose bytes the project got before, and whether it has lost documents since, as the ledger
-- knows. Bytes that changed nothing count as well as bytes that were committed. Bytes of another source of the call
-- do not: both are there, and each has documents of its own. Bytes whose people were treated otherwise the last time
-- are new.
-- grain: source of the commit
-- columns: ingest_number, may_lack (documents of the project were removed later, so that some of these bytes'
--   documents may be gone)
-- parameters: project, ingest_numbers, sha256s, sources, authors (what becomes of people; null if they are kept): an
--   element a source
with asked as (
    select
        unnest($ingest_numbers::bigint[]) as asked_number,
        unnest($sha256s::varchar[]) as sha256,
        unnest($sources::varchar[]) as source,
        unnest($authors::varchar[]) as authors
),

known as (
    select
        asked.asked_number,
        coalesce(any_value(asked.authors), 'keep') as asked_authors,
        max(ingests.ingest_number) as ingest_number,
        max(ingests.finished_at) as finished_at,
        arg_max(ingests.snapshot_id, ingests.ingest_number) as snapshot_id,
        arg_max(coalesce(ingests.authors, 'keep'), ingests.ingest_number) as authors
    from asked
    inner join ingests on ingests.sha256 = asked.sha256
    where
        ingests.project = $project
        and ingests.status in ('committed', 'unchanged')
        and (
            ingests.source = asked.source
            or ingests.source not in (select call_sources.source from temp.main.call_sources)
        )
    group by asked.asked_number
)

select
    known.asked_number as ingest_number,
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
from known
where known.authors = known.asked_authors;
