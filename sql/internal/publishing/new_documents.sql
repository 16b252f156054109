-- Document versions that the published file lacks, with the number of labels of each.
-- grain: document version
-- columns: document_key, annotation_count
create or replace temp table new_documents as
select document_key, annotation_count
from lake.main.documents
where document_key not in (select document_key from published.main.documents);
