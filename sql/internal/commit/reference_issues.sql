-- Doubts that only the whole document shows: ids that stand twice, and references to nothing. They are
-- found after the rows are in, because a reader sees the sections in any order and holds none of them.
-- grain: record with such a doubt (one row each for a repeated id, image_id, category_id)
-- columns: document_key, section, position, key, code, message
-- parameters: first_key, last_key (document keys of a part of the commit)
create or replace temp table reference_doubts as
with repeated_categories as (
    -- by sets, not by documents: thousands of documents have one
    select category_set, position
    from categories
    qualify row_number() over (partition by category_set, category_id order by position) > 1
)

select
    repeats.document_key,
    repeats.section,
    repeats.position,
    'id' as key,
    'DUPLICATE_ID' as code,
    concat('id: another ', rtrim(repeats.section, 's'), ' of the document has it') as message
from temp.main.repeats as repeats
where repeats.document_key between $first_key and $last_key

union all

select
    documents.document_key,
    'categories',
    repeated_categories.position,
    'id',
    'DUPLICATE_ID',
    'id: another category of the document has it'
from repeated_categories
inner join documents on documents.category_set = repeated_categories.category_set
where documents.document_key between $first_key and $last_key

union all

select
    annotations.document_key,
    'annotations',
    annotations.position,
    'image_id',
    'DANGLING_REF',
    'image_id: no image of the document has it'
from annotations
anti join images
    on images.document_key = annotations.document_key and images.image_id = annotations.image_id
where annotations.document_key between $first_key and $last_key

union all

select
    annotations.document_key,
    'annotations',
    annotations.position,
    'category_id',
    'DANGLING_REF',
    'category_id: no category of the document has it'
from annotations
inner join documents on documents.document_key = annotations.document_key
anti join categories
    on categories.category_set = documents.category_set
    and categories.category_id = annotations.category_id
where
    annotations.document_key between $first_key and $last_key
    and annotations.category_id is not null;
