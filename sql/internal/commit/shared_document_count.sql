-- Number of documents that a source of a commit changes although a later source of it has them too.
-- grain: one row
-- columns: shared
select count(*) as shared
from temp.main.incoming_documents
where not is_last and not is_same and not is_kept_out;
