-- Which classes appear together on one image? Images with more than 100 classes do not count.
-- grain: project, pair of classes
-- columns: project, category_name (name of the one class), other_category_name (name of the other, later in the
--   alphabet), image_count (images with labels of both), image_share (share of the images with labels of either
--   that have both, 0 to 1)
-- parameters: project (project; default null: all), category (name of a class of the pair; default null: all),
--   rows (rows at most, 1 or more; default 50)
with present as (
    select distinct
        counted_labels.project,
        counted_labels.document_key,
        counted_labels.image_id,
        counted_labels.category_name
    from counted_labels
    where
        counted_labels.image_key is not null
        and counted_labels.category_name is not null
        and ($project is null or counted_labels.project = $project)
),

counted as (
    select present.project, present.category_name, count(*) as image_count
    from present
    group by present.project, present.category_name
),

paired as (
    select present.*
    from present
    anti join (
        select present.document_key, present.image_id
        from present
        group by present.document_key, present.image_id
        having count(*) > 100
    ) as crowded using (document_key, image_id)
),

pairs as (
    select
        one.project,
        one.category_name,
        other.category_name as other_category_name,
        count(*) as image_count
    from paired as one
    inner join paired as other
        on other.document_key = one.document_key
        and other.image_id = one.image_id
        and other.category_name > one.category_name
    where $category is null or $category in (one.category_name, other.category_name)
    group by one.project, one.category_name, other.category_name
)

select
    pairs.project,
    pairs.category_name,
    pairs.other_category_name,
    pairs.image_count,
    pairs.image_count / (one.image_count + other.image_count - pairs.image_count) as image_share
from pairs
inner join counted as one on one.project = pairs.project and one.category_name = pairs.category_name
inner join counted as other on other.project = pairs.project and other.category_name = pairs.other_category_name
order by pairs.image_count desc, pairs.project, pairs.category_name, pairs.other_category_name
limit $rows::bigint;
