-- Which classes have the fewest labels, or none?
-- grain: project, class that a document defines
-- columns: project, category_name (name of the class), supercategory, label_count (labels), document_count
--   (documents with a label of it)
-- parameters: project (project; default null: all), rows (rows at most, 1 or more; default 20)
with defined as (
    select distinct documents.project, categories.name, categories.supercategory
    from documents
    inner join categories on categories.category_set = documents.category_set
    where $project is null or documents.project = $project
),

counted as (
    select
        counted_labels.project,
        counted_labels.category_name,
        counted_labels.supercategory,
        count(*) as label_count,
        count(distinct counted_labels.document_key) as document_count
    from counted_labels
    where $project is null or counted_labels.project = $project
    group by counted_labels.project, counted_labels.category_name, counted_labels.supercategory
)

select
    defined.project,
    defined.name as category_name,
    defined.supercategory,
    coalesce(counted.label_count, 0) as label_count,
    coalesce(counted.document_count, 0) as document_count
from defined
left join counted
    on counted.project = defined.project
    and counted.category_name is not distinct from defined.name
    and counted.supercategory is not distinct from defined.supercategory
order by label_count, defined.project, defined.name, defined.supercategory
limit $rows::bigint;
