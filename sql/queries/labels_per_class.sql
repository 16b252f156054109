-- How many labels does each class have?
-- grain: project, class
-- columns: project, category_name (name of the class; null for labels without one), supercategory, label_count
--   (labels), image_count (images with a label of the class), document_count (documents with a label of the
--   class)
-- parameters: project (project; default null: all)
select
    labels.project,
    labels.category_name,
    labels.supercategory,
    count(*) as label_count,
    count(distinct (labels.document_key, labels.image_id)) filter (where labels.image_key is not null) as image_count,
    count(distinct labels.document_key) as document_count
from labels
where $project is null or labels.project = $project
group by labels.project, labels.category_name, labels.supercategory
order by label_count desc, labels.project, labels.category_name, labels.supercategory;
