-- Titles of documents, by which people know them.
-- grain: document
-- columns: project, document_id, document_title
-- parameters: projects, document_ids (in the same order)
select documents.project, documents.document_id, documents.title as document_title
from documents
where (documents.project, documents.document_id) in (
    select (wanted.project, wanted.document_id)
    from (select unnest($projects) as project, unnest($document_ids) as document_id) as wanted
);
