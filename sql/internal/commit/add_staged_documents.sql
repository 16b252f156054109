-- Add the documents of staged files.
-- grain: document of a source
-- columns: those of staged_documents
-- parameters: files, is_stored
insert into temp.main.staged_documents
select document_key, document_id, fingerprint, $is_stored
from read_parquet($files, hive_partitioning => false);
