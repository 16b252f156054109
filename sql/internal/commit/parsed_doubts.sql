-- What parsing known bytes would have staged beside the rows of documents: the documents that the warehouse holds
-- are left out.
-- grain: source of the commit with such documents
-- columns: ingest_number, quarantined, issues, are_torn (a document that the warehouse does not hold lies in one file
--   with others, which parsing would have staged with it)
-- parameters: files (lists), names (of these files, without folders), ingest_numbers (of their sources)
select
    sources.ingest_number,
    sum(parsed.quarantined)::bigint as quarantined,
    sum(parsed.issues)::bigint as issues,
    bool_or(not parsed.is_apart) as are_torn
from read_parquet($files, hive_partitioning => false, filename => 'list_file') as parsed
inner join (
    select unnest($names::varchar[]) as name, unnest($ingest_numbers::bigint[]) as ingest_number
) as sources on sources.name = parse_filename(parsed.list_file, false, 'both_slash')
inner join temp.main.incoming_documents as incoming
    on incoming.document_key = (sources.ingest_number << 32 | parsed.position)
where not incoming.is_same
group by sources.ingest_number;
