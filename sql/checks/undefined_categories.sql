-- Labels of a category that their document does not define.
-- grain: label
-- columns: project, document_id, document_key, image_key, annotation_position, label_id (identity of the
--   label within the image), what (in words), category_id
-- severity: error
-- explanation: Nobody can tell what they are. A label without a category at all counts too.
with undefined as (
    select annotations.document_key, annotations.position
    from annotations
    inner join documents on documents.document_key = annotations.document_key
    anti join categories
        on categories.category_set = documents.category_set
        and categories.category_id = annotations.category_id
)

select
    labels.project,
    labels.document_id,
    labels.document_key,
    labels.image_key,
    labels.position as annotation_position,
    labels.label_id,
    if(labels.category_id is null, 'no category_id', concat('no category with id ', labels.category_id)) as what,
    labels.category_id
from labels
inner join undefined
    on undefined.document_key = labels.document_key and undefined.position = labels.position
order by labels.document_key, labels.position;
