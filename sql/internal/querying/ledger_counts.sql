-- Ingests whose counts in the ledger differ from their rows; only ingests of which no document was replaced.
-- grain: ingest
-- columns: what
with live as (
    select ingest_id, count(*) as documents, sum(annotation_count) as annotations, sum(image_count) as images
    from documents
    group by ingest_id
)

select
    concat(
        'ingest ', ingests.ingest_id, ': ', live.annotations, ' annotations and ', live.images,
        ' images, the ledger says ', ingests.annotation_count, ' and ', ingests.image_count
    ) as what
from live
inner join ingests on ingests.ingest_id = live.ingest_id
where
    live.documents = ingests.document_count
    and (live.annotations <> ingests.annotation_count or live.images <> ingests.image_count)
order by what;
