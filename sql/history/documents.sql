-- The documents of a commit whose labels may have changed: each with the version that goes and the one that
-- comes. Documents that are removed count for the last ingest of the commit.
-- grain: document
-- columns: document_id, old_key (null for one that is new to the project), new_key (null for one that is
--   removed), is_same (equal fingerprints), is_back (new, but the project had it once and told of its
--   removal), ingest_id, ingest_number, changed_at
-- parameters: project, ingests (ledger rows of the commit)
create or replace temp table history_documents as
with given_ingests as (
    select unnest($ingests, max_depth := 2)
),

last_ingest as (
    select * from given_ingests order by ingest_number desc limit 1
),

found as (
    select
        incoming_documents.document_id,
        incoming_documents.old_key,
        incoming_documents.document_key as new_key,
        incoming_documents.is_same,
        given_ingests.ingest_id,
        given_ingests.ingest_number,
        given_ingests.started_at as changed_at
    from temp.main.incoming_documents as incoming_documents
    inner join given_ingests on given_ingests.ingest_id = incoming_documents.ingest_id
    where incoming_documents.is_last and incoming_documents.is_stored

    union all

    select
        documents.document_id,
        superseded_documents.document_key,
        null,
        false,
        last_ingest.ingest_id,
        last_ingest.ingest_number,
        last_ingest.started_at
    from temp.main.superseded_documents as superseded_documents
    inner join documents on documents.document_key = superseded_documents.document_key
    cross join last_ingest
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
    found.ingest_id,
    found.ingest_number,
    found.changed_at
from found
left join removed_before on removed_before.document_id = found.document_id;
