-- Relations to an object that the document does not have.
-- grain: object named in a relation of a label
-- columns: project, document_id, document_key, image_key, annotation_position, label_id (identity of the
--   label within the image), what (in words), value (of the relation), target (object hash that it names)
-- severity: error
-- explanation: The related label was removed, or the relation points into another document. If a relation is an
--   object with several texts, one match is enough.
with judged as (
    select
        relations.*,
        bool_or(relations.is_found) over (
            partition by relations.document_key, relations.annotation_position, relations.value
        ) as is_any_found
    from relations
)

select
    judged.project,
    judged.document_id,
    judged.document_key,
    judged.image_key,
    judged.annotation_position,
    judged.label_id,
    concat('no object ', judged.target, ' in the document') as what,
    judged.value,
    judged.target
from judged
where not judged.is_found and not (judged.is_any_found and judged.value like '{%')
order by judged.document_key, judged.annotation_position, judged.target;
