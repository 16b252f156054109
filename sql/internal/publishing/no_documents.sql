-- No document versions: the tables of the published file are made with these before they are filled.
-- grain: document version
-- columns: document_key
create or replace temp table new_documents as
select document_key, annotation_count
from lake.main.documents
limit 0;
