-- How many labels does each class have?
-- grain: project, class
-- columns: project, category_name (name of the class; null for labels without one), supercategory, label_count
--   (labels), image_count (images with a label of the class), document_count (documents with a label of the
--   class)
-- parameters: project (project; default null: all)
select
    counted_labels.project,
    counted_labels.category_name,
    counted_labels.supercategory,
    count(*) as label_count,
    count(distinct (counted_labels.document_key, counted_labels.image_id))
        filter (where counted_labels.image_key is not null) as image_count,
    count(distinct counted_labels.document_key) as document_count
from counted_labels
where $project is null or counted_labels.project = $project
group by counted_labels.project, counted_labels.category_name, counted_labels.supercategory
order by label_count desc, counted_labels.project, counted_labels.category_name, counted_labels.supercategory;
