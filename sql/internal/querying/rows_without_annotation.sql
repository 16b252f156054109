-- Tables with keypoints, answers or identities of a missing label.
-- grain: table
-- columns: what
with children as (
    select 'keypoints' as table_name, document_key, annotation_position from keypoints
    union all
    select 'attributes', document_key, annotation_position from attributes
    union all
    select 'label_ids', document_key, annotation_position from label_ids
)

select
    concat(children.table_name, ': ', counted(count(*), 'row', 'rows'), ' of annotations that are not there') as what
from children
anti join annotations
    on annotations.document_key = children.document_key
    and annotations.position = children.annotation_position
group by children.table_name
order by what;
