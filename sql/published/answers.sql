-- Answers and attributes of labels, with the class and project of the label.
-- grain: answer of a label
-- columns: document_key, annotation_position, project (Project of the document), document_id (Document of
--   the label), category_name (Name of the label's category (class)), name, origin, value, value_type,
--   value_number, value_boolean, night (Day, UTC, of the ingest that wrote this version of the document)
-- parameters: first_key (first document key), last_key (last one)
-- needs: the temp table new_documents
select
    attributes.document_key,
    attributes.annotation_position,
    labels.project,
    labels.document_id,
    labels.category_name,
    attributes.name,
    attributes.origin,
    attributes.value,
    attributes.value_type,
    attributes.value_number,
    attributes.value_boolean,
    labels.night
from lake.main.attributes as attributes
inner join published.main.labels as labels
    on labels.document_key = attributes.document_key
    and labels.position = attributes.annotation_position
where
    attributes.document_key between $first_key and $last_key
    and labels.document_key between $first_key and $last_key
    and attributes.document_key in (select document_key from temp.main.new_documents);
