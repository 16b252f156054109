-- Documents of a commit whose labels may have changed, each with its old and its new version. Removed documents
-- count for the last ingest of the commit.
-- grain: document
-- columns: document_id, old_key (null for a document that is new to the project), new_key (null for a removed
--   one), is_same (equal fingerprints), is_back (new, but the project had it once and recorded its removal),
--   ingest_number
-- parameters: project
create or replace temp table document_pairs as
with found as (
    select
        document_id,
        old_key,
        document_key as new_key,
        is_same,
        document_key >> 32 as ingest_number
    from temp.main.incoming_documents
    where is_last and is_stored and not is_kept_out

    union all

    select
        documents.document_id,
        superseded_documents.document_key,
        null,
        false,
        (select max(ingest_number) from temp.main.history_ingests)
    from temp.main.superseded_documents as superseded_documents
    inner join documents on documents.document_key = superseded_documents.document_key
    where superseded_documents.is_absent
),

removed_before as (
    select distinct document_id
    from label_changes
    where project = $project and change = 'removed'
)

select
    found.document_id,
    found.old_key,
    found.new_key,
    found.is_same,
    found.old_key is null and removed_before.document_id is not null as is_back,
    found.ingest_number
from found
left join removed_before on removed_before.document_id = found.document_id;
