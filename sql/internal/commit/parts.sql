-- Document versions that a commit brings or replaces, cut by their keys into parts of about as many records as
-- given.
-- grain: part
-- columns: first_key, last_key, records (images or annotations of its documents, whichever are more)
-- parameters: records
with versions as (
    select
        documents.document_key,
        greatest(documents.image_count, documents.annotation_count) as records
    from documents
    inner join temp.main.commit_versions as versions on versions.document_key = documents.document_key
),

counted as (
    select
        versions.*,
        sum(records) over (order by document_key) as upto
    from versions
)

select
    min(document_key) as first_key,
    max(document_key) as last_key,
    sum(records)::bigint as records
from counted
group by (upto - records) // $records
order by first_key;
