-- How many labels of each class does each document have?
-- grain: project, document, class
-- columns: project, document_id, document_title (title of the document), category_name (name of the class;
--   null for labels without one), label_count (labels), image_count (images with a label of the class)
-- parameters: project (project; default null: all), document (document_id; default null: all),
--   category (name of a class; default null: all)
select
    counted_labels.project,
    counted_labels.document_id,
    counted_labels.document_title,
    counted_labels.category_name,
    count(*) as label_count,
    count(distinct counted_labels.image_id)
        filter (where counted_labels.image_key is not null) as image_count
from counted_labels
where
    ($project is null or counted_labels.project = $project)
    and ($document is null or counted_labels.document_id = $document)
    and ($category is null or counted_labels.category_name = $category)
group by
    counted_labels.project,
    counted_labels.document_id,
    counted_labels.document_title,
    counted_labels.category_name
order by counted_labels.project, counted_labels.document_id, label_count desc, counted_labels.category_name;
