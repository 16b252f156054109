-- Document versions of a snapshot that the marts lack, in chunks; a refresh computes one chunk at a time.
-- grain: document version
-- columns: document_key, category_set, chunk (from 0; a chunk ends with the document that brings it to
--   chunk_records images and labels)
-- parameters: snapshot, chunk_records
create or replace temp table new_documents as
with found as (
    select
        documents.document_key,
        documents.category_set,
        documents.image_count + documents.annotation_count as record_count
    from documents at (version => $snapshot)
    where
        documents.document_key not in (
            select known_documents.document_key from temp.main.known_documents as known_documents
        )
),

counted as (
    select
        found.document_key,
        found.category_set,
        coalesce(
            sum(found.record_count) over (
                order by found.document_key rows between unbounded preceding and 1 preceding
            ), 0
        ) as records_before
    from found
)

select
    counted.document_key,
    counted.category_set,
    (counted.records_before // $chunk_records)::bigint as chunk
from counted;
