-- Categories that no label of their project has.
-- grain: category of a project
-- columns: project, document_id, document_key, image_key, annotation_position, label_id (identity of the
--   label within the image), what (in words), category_name (name of the category), supercategory
-- severity: warning
-- explanation: A class without labels is forgotten work, or belongs no more to the ontology.
with defined as (
    select distinct documents.project, documents.category_set
    from documents
),

used as (
    select distinct documents.project, categories.name, categories.supercategory
    from (select distinct document_key, category_id from annotations) as pairs
    inner join documents on documents.document_key = pairs.document_key
    inner join categories
        on categories.category_set = documents.category_set and categories.category_id = pairs.category_id
)

select distinct
    defined.project,
    null::varchar as document_id,
    null::bigint as document_key,
    null::varchar as image_key,
    null::bigint as annotation_position,
    null::varchar as label_id,
    concat('no label is a ', categories.name) as what,
    categories.name as category_name,
    categories.supercategory
from defined
inner join categories on categories.category_set = defined.category_set
anti join used
    on used.project = defined.project
    and used.name is not distinct from categories.name
    and used.supercategory is not distinct from categories.supercategory
order by defined.project, category_name, categories.supercategory;
