-- Which labels leave a question open that nearly all others of their class answer?
-- grain: question (classification) of a label
-- columns: project, document_id, image_key, label_id (identity of the label within the image), category_name (name of
--   the class), name (of the question), answered_share (labels of the class with an answer, 0 to 1: the higher, the
--   likelier forgotten)
-- rows_of: unanswered_attributes
-- parameters: project (project; default null: all), category (name of a class; default null: all),
--   attribute (name of a question; default null: all), rows (rows at most, 1 or more; default 1000)
select
    check_rows.project,
    check_rows.document_id,
    check_rows.image_key,
    check_rows.label_id,
    check_rows.category_name,
    check_rows.name,
    check_rows.answered_share
from check_rows
where
    ($project is null or check_rows.project = $project)
    and ($category is null or check_rows.category_name = $category)
    and ($attribute is null or check_rows.name = $attribute)
order by
    check_rows.answered_share desc,
    check_rows.document_key,
    check_rows.annotation_position,
    check_rows.name
limit $rows::bigint;
