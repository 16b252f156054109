-- Which classes have no labels?
-- grain: project, class
-- columns: project, category_name (name of the class), supercategory, document_count (documents that define it)
-- parameters: project (project; default null: all), rows (rows at most, 1 or more; default 1000)
with defined as (
    select
        documents.project,
        categories.name,
        categories.supercategory,
        count(distinct documents.document_key) as document_count
    from documents
    inner join categories on categories.category_set = documents.category_set
    where $project is null or documents.project = $project
    group by documents.project, categories.name, categories.supercategory
)

select
    defined.project,
    defined.name as category_name,
    defined.supercategory,
    defined.document_count
from defined
anti join labels
    on labels.project = defined.project
    and labels.category_name is not distinct from defined.name
    and labels.supercategory is not distinct from defined.supercategory
order by defined.document_count desc, defined.project, defined.name, defined.supercategory
limit $rows::bigint;
