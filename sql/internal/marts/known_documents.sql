-- Document versions whose rows the marts hold; none when they are rebuilt.
-- grain: document version
-- columns: document_key
-- parameters: rebuild
create or replace temp table known_documents as
select mart_image_coverage.document_key
from mart_image_coverage
where not $rebuild;
