-- Documents that a project holds.
-- grain: document
-- columns: document_id, fingerprint
-- parameters: project
select document_id, fingerprint
from documents
where project = $project;
