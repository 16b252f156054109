-- Which classes are related to which, by which relation?
-- grain: project, relation, class, class of the related object
-- columns: project, name (of the relation), category_name (name of the class that has it), target_category (name
--   of the class of the related object; null where the document has none), relation_count (related objects),
--   label_count (labels that name them)
-- parameters: project (project; default null: all)
select
    relations.project,
    relations.name,
    relations.category_name,
    relations.target_category,
    count(*) as relation_count,
    count(distinct (relations.document_key, relations.annotation_position)) as label_count
from relations
where $project is null or relations.project = $project
group by relations.project, relations.name, relations.category_name, relations.target_category
order by
    relation_count desc, relations.project, relations.name, relations.category_name, relations.target_category;
