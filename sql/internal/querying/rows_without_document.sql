-- Tables with rows of a missing document.
-- grain: table
-- columns: what
with children as (
    select 'images' as table_name, document_key from images
    union all
    select 'annotations', document_key from annotations
    union all
    select 'keypoints', document_key from keypoints
    union all
    select 'attributes', document_key from attributes
    union all
    select 'label_ids', document_key from label_ids
    union all
    select 'quarantine', document_key from quarantine
    union all
    select 'issues', document_key from issues
    union all
    select 'label_rows', document_key from label_rows
    union all
    select 'classifications', document_key from classifications
    union all
    select 'answers', document_key from answers
    union all
    select 'ranges', document_key from ranges
)

select concat(children.table_name, ': ', counted(count(*), 'row', 'rows'), ' of documents that are not there') as what
from children
anti join documents on documents.document_key = children.document_key
group by children.table_name
order by what;
