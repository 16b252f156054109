-- Which labels and classifications have the lowest confidence?
-- grain: label or classification
-- columns: project, document_id, document_title (title of the document), image_key, kind (label or classification),
--   label_id (identity of the label within its image, or the hash of the classification), category_name (name of the
--   class), created_by, manual_annotation, confidence (0 to 1)
-- parameters: project (project; default null: all), category (name of a class; default null: all), below (confidence,
--   0 to 1; default 1: all but the certain ones), rows (rows at most, 1 or more; default 100)
-- needs: label rows
select
    label_work.project,
    label_work.document_id,
    label_work.document_title,
    label_work.image_key,
    label_work.kind,
    label_work.label_id,
    label_work.category_name,
    label_work.created_by,
    label_work.manual_annotation,
    label_work.confidence
from label_work
where
    label_work.confidence < $below::double
    and ($project is null or label_work.project = $project)
    and ($category is null or label_work.category_name = $category)
order by label_work.confidence, label_work.document_key, label_work.kind desc, label_work.position
limit $rows::bigint;
