-- Ranges of document keys that hold about as many labels as wanted, so that each fits into memory. A document
-- that holds more is a range of its own.
-- grain: range
-- columns: first_key, last_key (document keys, both within the range), labels (new ones)
-- parameters: chunk_labels
with counted as (
    select
        document_key,
        annotation_count,
        sum(annotation_count) over (order by document_key rows unbounded preceding) - annotation_count
            as labels_before
    from temp.main.new_documents
)

select
    min(document_key) as first_key,
    max(document_key) as last_key,
    sum(annotation_count)::bigint as labels
from counted
group by labels_before // $chunk_labels
order by first_key;
