-- Questions that the ontology requires, of each object and classification of label rows that has to answer them.
-- grain: required question of an object, or of a classification
-- columns: document_key, project (Project of the document), document_id (Document of the object), document_title (Title
--   of the document), kind (label or classification), object_hash (Hash of the object, or of the classification),
--   category_name (Name of the class), name (Name of the question), type, label_count (Labels of the object, one per
--   frame that it is on; 1 for a classification), created_by (Who made the first of them, as stored; null for unknown),
--   created_day (Day of its creation, UTC), is_answered (It has a choice, number or text; for an answer that may change,
--   on any frame)
-- parameters: first_key (first document key), last_key (last one)
-- needs: the temp table new_documents
select
    required_answers.document_key,
    required_answers.project,
    required_answers.document_id,
    required_answers.document_title,
    required_answers.kind,
    required_answers.object_hash,
    required_answers.category_name,
    required_answers.name,
    required_answers.type,
    required_answers.label_count,
    required_answers.created_by,
    label_work.created_day,
    required_answers.is_answered
from lake.main.required_answers as required_answers
left join published.main.label_work as label_work
    on label_work.document_key = required_answers.document_key
    and label_work.kind = required_answers.kind
    and label_work.position = required_answers.position
where
    required_answers.document_key between $first_key and $last_key
    and required_answers.document_key in (select document_key from temp.main.new_documents);
