-- Documents of the project that may have the images and labels of one that a commit brings for the first time:
-- the newest that have half to twice as many images. They are few, and have two million records at most. A
-- document with a data hash for its id is not known by any other name.
-- grain: document that is new, and one that is not
-- columns: new_key, old_key, old_id
-- parameters: project
create or replace temp table content_candidates as
with documents as materialized (
    select document_key, document_id, image_count, annotation_count
    from lake.main.documents
    where
        project = $project and image_count > 0 and annotation_count > 0
        and not regexp_full_match(document_id, '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}')
),

pairs as (
    select
        added.document_key as new_key,
        documents.document_key as old_key,
        documents.document_id as old_id,
        documents.image_count + documents.annotation_count as records
    from temp.main.incoming_documents as incoming
    inner join documents as added on added.document_key = incoming.document_key
    inner join documents
        on documents.image_count between added.image_count / 2 and 2 * added.image_count
        and documents.document_key >> 32 <> added.document_key >> 32
        and (
            documents.document_key < added.document_key
            or documents.document_key not in (select document_key from temp.main.incoming_documents)
        )
    where
        incoming.old_key is null and incoming.is_last and not incoming.is_kept_out
        and incoming.document_key not in (select new_key from temp.main.known_contents)
    qualify
        dense_rank() over (partition by added.document_key >> 32 order by added.document_key) <= 20
        and row_number() over (partition by added.document_key order by documents.document_key desc) <= 3
)

select new_key, old_key, old_id
from pairs
qualify sum(records) over (order by new_key, old_key rows unbounded preceding) <= 2000000;
