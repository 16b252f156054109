-- The images of a project that the predictions of staged lists name by their ids. Where several documents of the
-- project have an id, the document counts that has most of the list's ids.
-- grain: list, image id
-- columns: set_key, image_id, image_id_text, document_id, document_key, image_key (null where several images of
--   equally likely documents have the id)
-- parameters: project, document (document_id; null for all)
create or replace temp table prediction_images as
with named as (
    select distinct document_key as set_key, image_id, image_id_text
    from temp.main.staged_predictions as staged_predictions
),

candidates as (
    select
        named.set_key,
        named.image_id,
        named.image_id_text,
        documents.document_key,
        documents.document_id,
        arg_min(images.image_key, images.position) as image_key
    from named
    inner join images
        on images.image_id = named.image_id
        and images.image_id_text is not distinct from named.image_id_text
    inner join documents on documents.document_key = images.document_key
    where documents.project = $project and ($document is null or documents.document_id = $document)
    group by named.set_key, named.image_id, named.image_id_text, documents.document_key, documents.document_id
),

covering as (
    select set_key, document_key, count(*) as image_count
    from candidates
    group by set_key, document_key
),

likeliest as (
    select candidates.*, covering.image_count
    from candidates
    inner join covering
        on covering.set_key = candidates.set_key and covering.document_key = candidates.document_key
    qualify covering.image_count = max(covering.image_count) over (
        partition by candidates.set_key, candidates.image_id, candidates.image_id_text
    )
)

select
    set_key,
    image_id,
    image_id_text,
    min(document_id) as document_id,
    arg_min(document_key, document_id) as document_key,
    if(count(distinct image_key) = 1, min(image_key), null) as image_key
from likeliest
group by set_key, image_id, image_id_text;
