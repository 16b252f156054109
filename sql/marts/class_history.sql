-- Labels, images and documents of each class of a project after a commit.
-- grain: class
-- columns: those of mart_class_history
-- parameters: snapshot (snapshot that the marts will hold), of_commit (snapshot that the commit made), project,
--   ingest_number, is_whole (all rows are new)
with rows_of_documents as (
    select mart.document_key, mart.category_name, mart.label_count, mart.image_count, mart.manual_count,
        mart.automated_count
    from mart_class_balance as mart at (version => $snapshot)
    where not $is_whole
    union all
    select new_rows.document_key, new_rows.category_name, new_rows.label_count, new_rows.image_count,
        new_rows.manual_count, new_rows.automated_count
    from temp.main.class_counts as new_rows
)

select
    new_ingests.project,
    new_ingests.ingest_number,
    new_ingests.ingest_id,
    new_ingests.ingested_at,
    rows_of_documents.category_name,
    count(distinct rows_of_documents.document_key) as document_count,
    sum(rows_of_documents.image_count)::bigint as image_count,
    sum(rows_of_documents.label_count)::bigint as label_count,
    sum(rows_of_documents.manual_count)::bigint as manual_count,
    sum(rows_of_documents.automated_count)::bigint as automated_count
from rows_of_documents
inner join documents at (version => $of_commit)
    on documents.document_key = rows_of_documents.document_key and documents.project = $project
inner join temp.main.new_ingests as new_ingests on new_ingests.ingest_number = $ingest_number
group by
    new_ingests.project,
    new_ingests.ingest_number,
    new_ingests.ingest_id,
    new_ingests.ingested_at,
    rows_of_documents.category_name;
