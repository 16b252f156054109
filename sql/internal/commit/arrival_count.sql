-- Number of labels that come with new documents of the project, for a part of them.
-- grain: one row
-- columns: arrived
-- parameters: first_key, last_key
select coalesce(sum(documents.annotation_count), 0)::bigint as arrived
from documents
inner join temp.main.history_documents as history_documents
    on history_documents.new_key = documents.document_key
where
    history_documents.old_key is null
    and not history_documents.is_back
    and documents.document_key between $first_key and $last_key;
