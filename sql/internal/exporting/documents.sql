-- Documents of a project that an export can choose from, in the order of their sources.
-- grain: document
-- columns: document_key, document_id, title, category_set
-- parameters: project
select documents.document_key, documents.document_id, documents.title, documents.category_set
from documents
where documents.project = $project
order by documents.source, documents.member nulls first, documents.position, documents.document_key;
