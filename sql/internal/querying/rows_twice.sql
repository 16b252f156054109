-- Tables with rows that share a key.
-- grain: table
-- columns: what
with keys as (
    select 'images' as table_name, document_key, position from images
    union all
    select 'annotations', document_key, position from annotations
    union all
    select 'categories', hash(category_set), position from categories
    union all
    select 'documents', document_key, 0 from documents
    union all
    select 'label_rows', document_key, 0 from label_rows
    union all
    select 'classifications', document_key, position from classifications
    union all
    select 'answers', document_key, position from answers
    union all
    select 'ranges', document_key, position from ranges
    union all
    select 'ontology', hash(ontology), position from ontology
),

repeated as (
    select table_name
    from keys
    group by table_name, document_key, position
    having count(*) > 1
)

select concat(table_name, ': ', counted(count(*), 'key occurs', 'keys occur'), ' twice') as what
from repeated
group by table_name
order by what;
