-- Document versions whose rows the marts hold, but the warehouse no longer does.
-- grain: document version
-- columns: document_key
-- parameters: rebuild (count all as gone)
create or replace temp table gone_documents as
select mart_image_coverage.document_key
from mart_image_coverage
where
    $rebuild
    or mart_image_coverage.document_key not in (select documents.document_key from documents);
