-- Chunks of new document versions.
-- grain: chunk
-- columns: chunk, first_key, last_key (document keys), document_count
select
    new_documents.chunk,
    min(new_documents.document_key) as first_key,
    max(new_documents.document_key) as last_key,
    count(*) as document_count
from temp.main.new_documents as new_documents
group by new_documents.chunk
order by new_documents.chunk;
