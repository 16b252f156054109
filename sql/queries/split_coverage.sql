-- Does each split (train, valid, test) have each class, with enough labels? The names of documents tell the split.
-- grain: project, class, split of the project
-- columns: project, category_name (name of the class), split (train, valid or test), label_count (labels),
--   image_count (images with such a label), missing_count (labels that the split lacks to have enough)
-- parameters: project (project; default null: all), min_labels (labels that are enough, 1 or more; default 10),
--   only_missing (only classes and splits that lack labels; default true), rows (rows at most, 1 or more; default
--   1000)
with placed as (
    select
        counted_labels.project,
        split_name(counted_labels.document_id) as split,
        counted_labels.category_name,
        counted_labels.document_key,
        counted_labels.image_id
    from counted_labels
    where counted_labels.category_name is not null and ($project is null or counted_labels.project = $project)
),

splits as (
    select distinct documents.project, split_name(documents.document_id) as split
    from documents
    where split_name(documents.document_id) is not null and ($project is null or documents.project = $project)
),

classes as (
    select distinct documents.project, categories.name as category_name
    from documents
    inner join categories on categories.category_set = documents.category_set
    where split_name(documents.document_id) is not null and categories.name is not null
),

counted as (
    select
        placed.project,
        placed.split,
        placed.category_name,
        count(*) as label_count,
        count(distinct (placed.document_key, placed.image_id)) as image_count
    from placed
    where placed.split is not null
    group by placed.project, placed.split, placed.category_name
),

covered as (
    select
        classes.project,
        classes.category_name,
        splits.split,
        coalesce(counted.label_count, 0) as label_count,
        coalesce(counted.image_count, 0) as image_count,
        greatest($min_labels::bigint - coalesce(counted.label_count, 0), 0) as missing_count
    from classes
    inner join splits on splits.project = classes.project
    left join counted
        on counted.project = classes.project
        and counted.split = splits.split
        and counted.category_name = classes.category_name
)

select covered.*
from covered
where covered.missing_count > 0 or not $only_missing::boolean
order by covered.missing_count desc, covered.project, covered.category_name, covered.split
limit $rows::bigint;
