-- Records of a document that share an id with another one of it.
-- grain: annotation, image or category
-- columns: project, document_id, document_key, image_key, annotation_position, label_id (identity of the
--   label within the image), what (in words), section (annotations, images or categories), position (of the
--   record in its list, from 0)
-- severity: error
-- explanation: Tools that look records up by id silently take one for the other. The warehouse keeps both.
with doubted as (
    select issues.document_key, issues.section, issues.position, issues.message
    from issues
    where issues.code = 'DUPLICATE_ID'
),

meant as (
    select labels.document_key, labels.position, labels.image_key, labels.label_id
    from labels
    where labels.document_key in (select doubted.document_key from doubted)
)

select
    documents.project,
    documents.document_id,
    documents.document_key,
    meant.image_key,
    if(doubted.section = 'annotations', doubted.position, null) as annotation_position,
    meant.label_id,
    doubted.message as what,
    doubted.section,
    doubted.position
from doubted
inner join documents on documents.document_key = doubted.document_key
left join meant
    on doubted.section = 'annotations'
    and meant.document_key = doubted.document_key
    and meant.position = doubted.position
order by doubted.document_key, doubted.section, doubted.position;
