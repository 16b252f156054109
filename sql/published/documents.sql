-- Data units in their current version, with the ingest that loaded them: a dimension.
-- grain: document version
-- columns: document_key, project, document_id, title, media_type, source, image_count, annotation_count,
--   ingest_id, ingest_number (Number of the ingest that wrote this version), ingested_at (When that
--   ingest began, UTC), night (Day of that ingest, UTC)
-- parameters: first_key (first document key), last_key (last one)
-- needs: the temp table new_documents
select
    documents.document_key,
    documents.project,
    documents.document_id,
    documents.title,
    documents.media_type,
    documents.source,
    documents.image_count,
    documents.annotation_count,
    documents.ingest_id,
    ingests.ingest_number,
    ingests.started_at::timestamp as ingested_at,
    ingests.started_at::date as night
from lake.main.documents as documents
left join lake.main.ingests as ingests on ingests.ingest_id = documents.ingest_id
where
    documents.document_key between $first_key and $last_key
    and documents.document_key in (select document_key from temp.main.new_documents)
order by documents.document_key;
