-- Which labels of one class on one image overlap so much that they may be one? The overlap respects rotation. For an
-- image with too many labels in one place, one row says that its pairs were not compared.
-- grain: pair of labels
-- columns: project, document_id, image_key, category_name (name of the class), label_id (identity of the later
--   label within the image), other_label_id (identity of the earlier label), iou (intersection over union of the
--   boxes, 0.8 to 1; null for points and lines that agree in all coordinates)
-- rows_of: near_duplicate_labels
-- parameters: project (project; default null: all), document (document_id; default null: all),
--   category (name of a class; default null: all), min_iou (overlap, 0.8 to 1; default 0.9),
--   rows (rows at most, 1 or more; default 1000)
select
    check_rows.project,
    check_rows.document_id,
    check_rows.image_key,
    check_rows.category_name,
    if(check_rows.cause = 'not compared', concat('any of ', check_rows.labels), check_rows.label_id) as label_id,
    if(check_rows.cause = 'not compared', 'pairs not compared', check_rows.other_label_id) as other_label_id,
    check_rows.iou
from check_rows
where
    check_rows.cause <> 'two classes on one place'
    and coalesce(check_rows.iou, 1) >= $min_iou::double
    and ($project is null or check_rows.project = $project)
    and ($document is null or check_rows.document_id = $document)
    and ($category is null or coalesce(check_rows.category_name, $category) = $category)
order by
    check_rows.iou desc nulls first,
    check_rows.document_key,
    check_rows.annotation_position,
    check_rows.other_position
limit $rows::bigint;
