-- Documents whose own counts differ from their rows.
-- grain: document
-- columns: what
with image_counts as (
    select document_key, count(*) as found from images group by document_key
),

annotation_counts as (
    select document_key, count(*) as found from annotations group by document_key
)

select
    concat(
        'document ', documents.document_key, ': ',
        coalesce(image_counts.found, 0), ' of ', documents.image_count, ' images, ',
        coalesce(annotation_counts.found, 0), ' of ', documents.annotation_count, ' annotations'
    ) as what
from documents
left join image_counts on image_counts.document_key = documents.document_key
left join annotation_counts on annotation_counts.document_key = documents.document_key
where
    coalesce(image_counts.found, 0) <> documents.image_count
    or coalesce(annotation_counts.found, 0) <> documents.annotation_count
order by documents.document_key;
