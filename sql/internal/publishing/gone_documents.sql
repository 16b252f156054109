-- Document versions that the published file has and the warehouse no longer has.
-- grain: document version
-- columns: document_key
create or replace temp table gone_documents as
select document_key
from published.main.documents
where document_key not in (select document_key from lake.main.documents);
