-- On how many images each pair of classes appears together, and each class by itself.
-- grain: document version, pair of classes, the first by name first
-- columns: those of mart_cooccurrence
with present as (
    select distinct chunk_labels.document_key, chunk_labels.image_position, chunk_labels.category_name
    from temp.main.chunk_labels as chunk_labels
    where chunk_labels.image_position is not null and chunk_labels.category_name is not null
)

select
    present.document_key,
    present.category_name,
    others.category_name as other_category_name,
    count(*) as image_count
from present
inner join present as others
    on others.document_key = present.document_key
    and others.image_position = present.image_position
    and others.category_name >= present.category_name
group by present.document_key, present.category_name, others.category_name;
