-- Answers and attributes of labels, with their label's category and image.
-- grain: answer or attribute of a label
-- columns: project, document_id, document_key, image_key, frame, annotation_position, label_id (identity of the
--   label within the image), encord_track_uuid, category_name (name of the label's category), name (of the
--   question or attribute), origin, value, value_type, value_number, value_boolean, is_answered (true if the
--   value is not null)
create or replace view attribute_answers as
select
    labels.project,
    labels.document_id,
    labels.document_key,
    labels.image_key,
    labels.frame,
    attributes.annotation_position,
    labels.label_id,
    labels.encord_track_uuid,
    labels.category_name,
    attributes.name,
    attributes.origin,
    attributes.value,
    attributes.value_type,
    attributes.value_number,
    attributes.value_boolean,
    attributes.value_type <> 'null' as is_answered
from attributes
inner join labels
    on labels.document_key = attributes.document_key and labels.position = attributes.annotation_position;
