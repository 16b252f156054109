-- Facts about the documents of each source of a commit, for notes to the user.
-- grain: ingest
-- columns: ingest_number, kept_out (number of its documents that stay as the warehouse holds them, because the
--   project got these bytes before and newer ones after), overlapping (number of its documents that an earlier
--   source of the call holds in another version), other_number (ingest number of the last such source)
with earlier as (
    select document, version, ingest_number
    from temp.main.call_documents
    union all
    select hash(document_id), version, document_key >> 32
    from temp.main.incoming_documents
    where not is_last and not is_kept_out
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
