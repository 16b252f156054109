-- How many images and annotations the document versions have.
-- grain: one row
-- columns: images, annotations
select
    coalesce(sum(documents.image_count), 0)::bigint as images,
    coalesce(sum(documents.annotation_count), 0)::bigint as annotations
from documents
inner join temp.main.repeats_versions as versions on versions.document_key = documents.document_key;
