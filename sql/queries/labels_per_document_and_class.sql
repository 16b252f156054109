-- How many labels of each class does each document have?
-- grain: project, document, class
-- columns: project, document_id, document_title (title of the document), category_name (name of the class;
--   null for labels without one), label_count (labels), image_count (images with a label of the class)
-- parameters: project (project; default null: all), document (document_id; default null: all),
--   category (name of a class; default null: all)
select
    labels.project,
    labels.document_id,
    labels.document_title,
    labels.category_name,
    count(*) as label_count,
    count(distinct labels.image_id) filter (where labels.image_key is not null) as image_count
from labels
where
    ($project is null or labels.project = $project)
    and ($document is null or labels.document_id = $document)
    and ($category is null or labels.category_name = $category)
group by labels.project, labels.document_id, labels.document_title, labels.category_name
order by labels.project, labels.document_id, label_count desc, labels.category_name;
