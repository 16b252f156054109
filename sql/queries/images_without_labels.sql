-- Which images have no label? Captions do not count; images that share an id share its labels.
-- grain: image or frame
-- columns: project, document_id, image_key, file_name, frame, width, height, labelled_share (share of the document's
--   images that have labels, 0 to 1: the higher, the likelier forgotten)
-- parameters: project (project; default null: all), document (document_id; default null: all), rows (rows at most,
--   1 or more; default 1000)
with unlabelled as (
    select images.*
    from images
    anti join annotations
        on annotations.document_key = images.document_key
        and annotations.image_id = images.image_id
        and record_kind(annotations.extra, annotations.bbox_w, annotations.segmentation_kind) <> 'caption'
),

shares as (
    select unlabelled.document_key, count(*) as image_count
    from unlabelled
    group by unlabelled.document_key
)

select
    documents.project,
    documents.document_id,
    unlabelled.image_key,
    unlabelled.file_name,
    unlabelled.frame,
    unlabelled.width,
    unlabelled.height,
    1 - shares.image_count / documents.image_count as labelled_share
from unlabelled
inner join documents on documents.document_key = unlabelled.document_key
inner join shares on shares.document_key = unlabelled.document_key
where
    ($project is null or documents.project = $project)
    and ($document is null or documents.document_id = $document)
order by labelled_share desc, documents.project, documents.document_id, unlabelled.position
limit $rows::bigint;
