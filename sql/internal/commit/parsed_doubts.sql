-- What parsing known bytes would have staged beside the rows of documents: the documents that the warehouse holds
-- are left out.
-- grain: one row
-- columns: quarantined, issues, are_torn (a document that the warehouse does not hold lies in one file with others,
--   which parsing would have staged with it)
-- parameters: files, ingest_number
select
    coalesce(sum(parsed.quarantined), 0)::bigint as quarantined,
    coalesce(sum(parsed.issues), 0)::bigint as issues,
    coalesce(bool_or(not parsed.is_apart), false) as are_torn
from read_parquet($files, hive_partitioning => false) as parsed
inner join temp.main.incoming_documents as incoming
    on incoming.document_key = ($ingest_number::bigint << 32 | parsed.position)
where not incoming.is_same;
