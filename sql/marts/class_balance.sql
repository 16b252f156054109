-- Labels of each class, images that have one, and labels drawn by a person or made by a model.
-- grain: document version, class
-- columns: those of mart_class_balance
select
    chunk_labels.document_key,
    chunk_labels.category_name,
    chunk_labels.supercategory,
    count(*) as label_count,
    count(distinct chunk_labels.image_position) as image_count,
    count(*) filter (where chunk_labels.manual_annotation) as manual_count,
    count(*) filter (where not chunk_labels.manual_annotation) as automated_count
from temp.main.chunk_labels as chunk_labels
group by chunk_labels.document_key, chunk_labels.category_name, chunk_labels.supercategory;
