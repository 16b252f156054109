-- Whether a project has a document in a state.
-- grain: one row
-- columns: has_document
-- parameters: snapshot, project, document (document_id; null for any)
select count(*) > 0 as has_document
from documents at (version => $snapshot)
where project = $project and ($document is null or document_id = $document);
