-- Records that share an id with another record of their document.
-- grain: annotation, image or category, except the first of its id
-- columns: project, document_id, document_key, image_key, annotation_position, label_id (identity of the
--   label within the image), what (in words), cause, severity, section (annotations, images or categories), position
--   (of the record in its list, from 0), other_position (of the first record with the id)
-- severity: error
-- explanation: Tools that find records by id silently confuse the two. The warehouse keeps both. Two records of one
--   content are a warning: the same label, or one file name, or one class name, written twice.
with repeated as (
    select issues.document_key, issues.section, issues.position
    from issues
    where issues.code = 'DUPLICATE_ID'
),

records as (
    select
        'annotations' as section,
        annotations.document_key,
        annotations.position,
        coalesce(annotations.annotation_id_text, annotations.annotation_id::varchar) as id,
        hash(annotations.content_hash, annotations.image_id, annotations.category_id) as content
    from annotations
    where annotations.document_key in (select repeated.document_key from repeated where repeated.section = 'annotations')
    union all
    select
        'images',
        images.document_key,
        images.position,
        coalesce(images.image_id_text, images.image_id::varchar),
        hash(images.file_name, images.width, images.height)
    from images
    where images.document_key in (select repeated.document_key from repeated where repeated.section = 'images')
    union all
    select
        'categories',
        documents.document_key,
        categories.position,
        coalesce(categories.category_id_text, categories.category_id::varchar),
        hash(categories.name, categories.supercategory)
    from documents
    inner join categories on categories.category_set = documents.category_set
    where documents.document_key in (select repeated.document_key from repeated where repeated.section = 'categories')
),

twins as (
    select
        records.*,
        first_value(records.position) over same_id as first_position,
        first_value(records.content) over same_id as first_content
    from records
    window same_id as (partition by records.section, records.document_key, records.id order by records.position)
),

meant as (
    select labels.document_key, labels.position, labels.image_key, labels.label_id
    from labels
    where labels.document_key in (select repeated.document_key from repeated)
)

select
    documents.project,
    documents.document_id,
    documents.document_key,
    meant.image_key,
    if(repeated.section = 'annotations', repeated.position, null) as annotation_position,
    meant.label_id,
    concat(
        case repeated.section when 'annotations' then 'annotation' when 'images' then 'image' else 'category' end,
        ' ', twins.id, ' at position ', repeated.position, ' is also at position ', twins.first_position, ', with ',
        if(twins.content = twins.first_content, 'the same', 'other'), ' content'
    ) as what,
    concat(
        'two ', repeated.section, ' with one id and ', if(twins.content = twins.first_content, 'one', 'other'), ' content'
    ) as cause,
    if(twins.content = twins.first_content, 'warning', 'error') as severity,
    repeated.section,
    repeated.position,
    twins.first_position as other_position
from repeated
inner join documents on documents.document_key = repeated.document_key
left join twins
    on twins.section = repeated.section
    and twins.document_key = repeated.document_key
    and twins.position = repeated.position
left join meant
    on repeated.section = 'annotations'
    and meant.document_key = repeated.document_key
    and meant.position = repeated.position
order by repeated.document_key, repeated.section, repeated.position;
