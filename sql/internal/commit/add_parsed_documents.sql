-- Add the documents of bytes that were parsed before, as their lists name them. Nothing of them is staged.
-- grain: document of a source
-- columns: those of staged_documents
-- parameters: files (lists), names (of these files, without folders), ingest_numbers (of their sources)
insert into temp.main.staged_documents
select sources.ingest_number << 32 | parsed.position, parsed.document_id, parsed.fingerprint, false
from read_parquet($files, hive_partitioning => false, filename => 'list_file') as parsed
inner join (
    select unnest($names::varchar[]) as name, unnest($ingest_numbers::bigint[]) as ingest_number
) as sources on sources.name = parse_filename(parsed.list_file, false, 'both_slash');
