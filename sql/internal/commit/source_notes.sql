-- What is worth a word about the documents of each source of a commit.
-- grain: ingest
-- columns: ingest_number, kept_out (how many of its documents stay as the warehouse holds them, because the
--   project got these bytes before and newer ones after), overlapping (how many of its documents another source of
--   the call holds otherwise, and comes before it), other_number (the last such ingest)
with earlier as (
    select document, version, ingest_number
    from temp.main.call_documents
    union all
    select hash(document_id), version, document_key >> 32
    from temp.main.incoming_documents
    where not is_last
),

doubles as (
    select
        incoming.document_key,
        max(earlier.ingest_number) as other_number
    from temp.main.incoming_documents as incoming
    inner join earlier
        on hash(incoming.document_id) = earlier.document
        and incoming.version <> earlier.version
    where incoming.is_last and not incoming.is_kept_out
    group by incoming.document_key
)

select
    incoming.document_key >> 32 as ingest_number,
    count(*) filter (
        where incoming.is_kept_out and incoming.old_key is not null and not incoming.is_same
    ) as kept_out,
    count(doubles.document_key) as overlapping,
    max(doubles.other_number) as other_number
from temp.main.incoming_documents as incoming
left join doubles on doubles.document_key = incoming.document_key
group by 1;
