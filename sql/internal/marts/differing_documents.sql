-- Number of document versions that the marts lack, and of those that the marts hold but the warehouse no longer
-- does.
-- grain: one row
-- columns: new_count, gone_count
select
    count(*) filter (where known_documents.document_key is null) as new_count,
    count(*) filter (where documents.document_key is null) as gone_count
from documents
full join temp.main.known_documents as known_documents
    on known_documents.document_key = documents.document_key;
