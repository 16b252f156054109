-- Number of images on which each pair of classes appears together, and each class by itself. An image with more
-- than 100 classes counts for single classes only: its pairs grow with the square of the classes.
-- grain: document version, pair of classes in the order of their names
-- columns: those of mart_cooccurrence
with present as (
    select distinct chunk_labels.document_key, chunk_labels.image_position, chunk_labels.category_name
    from temp.main.chunk_labels as chunk_labels
    where chunk_labels.image_position is not null and chunk_labels.category_name is not null
),

crowded as (
    select present.document_key, present.image_position
    from present
    group by present.document_key, present.image_position
    having count(*) > 100
),

paired as (
    select present.*
    from present
    anti join crowded using (document_key, image_position)
),

pairs as (
    select
        paired.document_key,
        paired.category_name,
        others.category_name as other_category_name
    from paired
    inner join paired as others
        on others.document_key = paired.document_key
        and others.image_position = paired.image_position
        and others.category_name >= paired.category_name
    union all
    select present.document_key, present.category_name, present.category_name as other_category_name
    from present
    semi join crowded using (document_key, image_position)
)

select pairs.document_key, pairs.category_name, pairs.other_category_name, count(*) as image_count
from pairs
group by pairs.document_key, pairs.category_name, pairs.other_category_name;
