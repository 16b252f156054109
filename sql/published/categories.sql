-- Categories (classes) of the ontology versions that documents use: a dimension.
-- grain: category of a category set in a project
-- columns: project (Project whose documents use the category set), category_set, position, category_id,
--   name, supercategory, keypoints, document_count (Documents of the project that use the category set)
with used as (
    select project, category_set, count(*) as document_count
    from lake.main.documents
    group by project, category_set
)

select
    used.project,
    categories.category_set,
    categories.position,
    categories.category_id,
    categories.name,
    categories.supercategory,
    categories.keypoints,
    used.document_count
from lake.main.categories as categories
inner join used on used.category_set = categories.category_set
order by used.project, categories.category_set, categories.position;
