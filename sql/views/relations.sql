-- Relations between labels: the object that a label names in #relation, and whether its document has it.
-- grain: object named in a relation of a label
-- columns: project, document_id, document_key, image_key, annotation_position, label_id (identity of the label
--   within the image), encord_track_uuid, category_name (name of the label's category), name (of the relation), value, target
--   (object hash that the relation names), target_category (name of the category of that object's first
--   label in the document), is_found (whether the document has that object)
create or replace view relations as
with named as (
    select
        attributes.document_key,
        attributes.annotation_position,
        attributes.name,
        attributes.value,
        unnest(relation_targets(attributes.value, attributes.value_type)) as target
    from attributes
    where attributes.origin = 'relation'
),

objects as (
    select
        labels.document_key,
        labels.encord_track_uuid,
        arg_min(labels.category_name, labels.position) as category_name
    from labels
    where
        labels.encord_track_uuid in (select named.target from named)
        and labels.document_key in (select named.document_key from named)
    group by labels.document_key, labels.encord_track_uuid
)

select
    labels.project,
    labels.document_id,
    labels.document_key,
    labels.image_key,
    labels.position as annotation_position,
    labels.label_id,
    labels.encord_track_uuid,
    labels.category_name,
    named.name,
    named.value,
    named.target,
    objects.category_name as target_category,
    objects.encord_track_uuid is not null as is_found
from named
inner join labels
    on labels.document_key = named.document_key and labels.position = named.annotation_position
left join objects
    on objects.document_key = named.document_key and objects.encord_track_uuid = named.target;
