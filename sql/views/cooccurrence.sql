-- Classes that appear together on one image. Images with more than 100 classes do not count.
-- grain: project, pair of classes (category_name comes before other_category_name)
-- columns: project, category_name, other_category_name (name of the other class), image_count (images with
--   labels of both), image_share (share of the images with labels of either that have both, 0 to 1)
create or replace view cooccurrence as
with pairs as (
    select
        documents.project,
        mart.category_name,
        mart.other_category_name,
        sum(mart.image_count)::bigint as image_count
    from mart_cooccurrence as mart
    inner join documents on documents.document_key = mart.document_key
    where mart.category_name < mart.other_category_name
    group by documents.project, mart.category_name, mart.other_category_name
),

classes as (
    select documents.project, mart.category_name, sum(mart.image_count)::bigint as image_count
    from mart_cooccurrence as mart
    inner join documents on documents.document_key = mart.document_key
    where mart.category_name = mart.other_category_name
    group by documents.project, mart.category_name
)

select
    pairs.project,
    pairs.category_name,
    pairs.other_category_name,
    pairs.image_count,
    pairs.image_count / (classes.image_count + other_classes.image_count - pairs.image_count) as image_share
from pairs
inner join classes on classes.project = pairs.project and classes.category_name = pairs.category_name
inner join classes as other_classes
    on other_classes.project = pairs.project
    and other_classes.category_name = pairs.other_category_name;
