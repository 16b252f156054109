-- Labels that refer to an image their document does not have.
-- grain: label
-- columns: project, document_id, document_key, image_key, annotation_position, label_id (identity of the
--   label within the image), what (in words), image_id
-- severity: error
-- explanation: No tool can show them or train on them; the export lost their image. Labels of label rows that lie on
--   a range of sound or text have no image.
select
    labels.project,
    labels.document_id,
    labels.document_key,
    labels.image_key,
    labels.position as annotation_position,
    labels.label_id,
    if(labels.image_id is null, 'no image_id', concat('no image with id ', labels.image_id)) as what,
    labels.image_id
from labels
anti join images
    on images.document_key = labels.document_key and images.image_id = labels.image_id
anti join ranges
    on ranges.document_key = labels.document_key
    and ranges.owner = 'annotation'
    and ranges.owner_position = labels.position
    and labels.image_id is null
order by labels.document_key, labels.position;
