-- Labels of each class of a project and their share; classes without labels are included.
-- grain: project, class (category_name and supercategory)
-- columns: project, category_name (null for labels whose category is missing), supercategory, label_count,
--   image_count (images with a label of the class), document_count (documents with a label of the class),
--   label_share (share of the project's labels, 0 to 1)
create or replace view class_balance as
with classes as (
    select
        documents.project,
        mart.category_name,
        mart.supercategory,
        mart.label_count,
        mart.image_count,
        1 as document_count
    from mart_class_balance as mart
    inner join documents on documents.document_key = mart.document_key

    union all

    select used_sets.project, categories.name, categories.supercategory, 0, 0, 0
    from (select distinct documents.project, documents.category_set from documents) as used_sets
    inner join categories on categories.category_set = used_sets.category_set
)

select
    classes.project,
    classes.category_name,
    classes.supercategory,
    sum(classes.label_count)::bigint as label_count,
    sum(classes.image_count)::bigint as image_count,
    sum(classes.document_count)::bigint as document_count,
    sum(classes.label_count)
    / nullif(sum(sum(classes.label_count)) over (partition by classes.project), 0) as label_share
from classes
group by classes.project, classes.category_name, classes.supercategory;
