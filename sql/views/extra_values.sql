-- Keys that no column holds: each key in the extra of a document, image, category or annotation, with its value.
-- grain: key of a record, once per document that has the record
-- columns: project, document_id, document_key, section (documents, images, categories or annotations), position
--   (index in that list, from 0; of a document in its source), image_key (of an image, or of an annotation's
--   image), label_id (identity of an annotation within its image), category_name (name of a category, or of an
--   annotation's category), key (as exported), value (text itself, anything else as JSON; null for null),
--   value_type (string, number, boolean, null or json), value_number (value, if it is a number)
create or replace view extra_values as
with records as (
    select
        documents.project,
        documents.document_id,
        documents.document_key,
        'documents' as section,
        documents.position,
        null::varchar as image_key,
        null::varchar as label_id,
        null::varchar as category_name,
        documents.extra
    from documents
    where documents.extra is not null

    union all

    select
        documents.project,
        documents.document_id,
        documents.document_key,
        'images',
        images.position,
        images.image_key,
        null,
        null,
        images.extra
    from images
    inner join documents on documents.document_key = images.document_key
    where images.extra is not null

    union all

    select
        documents.project,
        documents.document_id,
        documents.document_key,
        'categories',
        categories.position,
        null,
        null,
        categories.name,
        categories.extra
    from categories
    inner join documents on documents.category_set = categories.category_set
    where categories.extra is not null

    union all

    select
        labels.project,
        labels.document_id,
        labels.document_key,
        'annotations',
        labels.position,
        labels.image_key,
        labels.label_id,
        labels.category_name,
        labels.extra
    from labels
    where labels.extra is not null
),

entries as (
    select
        records.* exclude (extra),
        unnest(map_entries(records.extra::json::map(varchar, json))) as entry
    from records
)

select
    entries.* exclude (entry),
    entries.entry.key as key,
    json_extract_string(entries.entry.value, '$') as value,
    case coalesce(json_type(entries.entry.value), 'NULL')
        when 'VARCHAR' then 'string'
        when 'BOOLEAN' then 'boolean'
        when 'NULL' then 'null'
        when 'OBJECT' then 'json'
        when 'ARRAY' then 'json'
        else 'number'
    end as value_type,
    if(value_type = 'number', try_cast(json_extract_string(entries.entry.value, '$') as double), null) as value_number
from entries;
