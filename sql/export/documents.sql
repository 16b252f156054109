-- The documents of a project that an export can choose from, in the order of their sources.
-- grain: document
-- columns: document_key, document_id, category_set, image_places, annotation_places (one more than the
--   position of the last record: records in quarantine leave gaps)
-- parameters: project
select
    documents.document_key,
    documents.document_id,
    documents.category_set,
    coalesce(last_images.position + 1, 0) as image_places,
    coalesce(last_annotations.position + 1, 0) as annotation_places
from documents
left join (
    select images.document_key, max(images.position) as position from images group by images.document_key
) as last_images on last_images.document_key = documents.document_key
left join (
    select annotations.document_key, max(annotations.position) as position
    from annotations
    group by annotations.document_key
) as last_annotations on last_annotations.document_key = documents.document_key
where documents.project = $project
order by documents.source, documents.member nulls first, documents.position, documents.document_key;
