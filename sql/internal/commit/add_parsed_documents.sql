-- Add the documents of bytes that were parsed before, as their list names them. Nothing of them is staged.
-- grain: document of a source
-- columns: those of staged_documents
-- parameters: files, ingest_number
insert into temp.main.staged_documents
select $ingest_number::bigint << 32 | position, document_id, fingerprint, false
from read_parquet($files, hive_partitioning => false);
