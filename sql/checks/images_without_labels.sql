-- Images that no label refers to.
-- grain: image
-- columns: project, document_id, document_key, image_key, annotation_position, label_id (identity of the
--   label within the image), what (in words), position (of the image in its document, from 0), file_name
--   (of the image)
-- severity: warning
-- explanation: Either nothing is to be seen there, or nobody has labelled it yet.
select
    documents.project,
    documents.document_id,
    documents.document_key,
    images.image_key,
    null::bigint as annotation_position,
    null::varchar as label_id,
    'no label' as what,
    images.position,
    images.file_name
from images
inner join documents on documents.document_key = images.document_key
anti join annotations
    on annotations.document_key = images.document_key and annotations.image_id = images.image_id
order by images.document_key, images.position;
