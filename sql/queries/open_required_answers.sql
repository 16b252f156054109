-- Which questions that the ontology requires are open, on which objects?
-- grain: required question of an object, or of a classification
-- columns: project, document_id, document_title (title of the document), kind (label or classification), object_hash
--   (hash of the object, or of the classification), category_name (name of the class), name (of the question), type,
--   created_by, label_count (labels of the object, one per frame that it is on; 1 for a classification: the more, the
--   sooner worth an answer)
-- parameters: project (project; default null: all), category (name of a class; default null: all),
--   attribute (name of a question; default null: all), rows (rows at most, 1 or more; default 1000)
-- needs: label rows
select
    required_answers.project,
    required_answers.document_id,
    required_answers.document_title,
    required_answers.kind,
    required_answers.object_hash,
    required_answers.category_name,
    required_answers.name,
    required_answers.type,
    required_answers.created_by,
    required_answers.label_count
from required_answers
where
    not required_answers.is_answered
    and ($project is null or required_answers.project = $project)
    and ($category is null or required_answers.category_name = $category)
    and ($attribute is null or required_answers.name = $attribute)
order by
    required_answers.label_count desc,
    required_answers.document_key,
    required_answers.kind,
    required_answers.position,
    required_answers.name
limit $rows::bigint;
