-- Which questions (classifications) have no answer, on which labels?
-- grain: question (classification) of a label
-- columns: project, document_id, image_key, frame, label_id (identity of the label within the image),
--   category_name (name of the class), name (of the question)
-- parameters: project (project; default null: all), category (name of a class; default null: all),
--   attribute (name of a question; default null: all), rows (rows at most, 1 or more; default 1000)
select
    attribute_answers.project,
    attribute_answers.document_id,
    attribute_answers.image_key,
    attribute_answers.frame,
    attribute_answers.label_id,
    attribute_answers.category_name,
    attribute_answers.name
from attribute_answers
where
    attribute_answers.origin = 'classification'
    and not attribute_answers.is_answered
    and ($project is null or attribute_answers.project = $project)
    and ($category is null or attribute_answers.category_name = $category)
    and ($attribute is null or attribute_answers.name = $attribute)
order by attribute_answers.document_key, attribute_answers.annotation_position, attribute_answers.name
limit $rows::bigint;
