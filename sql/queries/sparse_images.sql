-- Which images have far fewer labels than their like? The like are the labelled images of the same document, or of the
-- project where documents are small; frames of a video are compared with their video.
-- grain: image or frame
-- columns: project, document_id, image_key, label_count (labels), usual_count (median of the labels of its like),
--   like_count (images that it is compared with), score (labels that it lacks to the median, in units of the median's
--   square root: 3 is far)
-- parameters: project (project; default null: all), min_score (score at least, 0 or more; default 3), rows (rows at
--   most, 1 or more; default 100)
with counted as (
    select
        documents.project,
        documents.document_id,
        documents.document_key,
        images.image_key,
        images.position,
        coalesce(label_counts.label_count, 0) as label_count
    from images
    inner join documents on documents.document_key = images.document_key
    left join (
        select annotations.document_key, annotations.image_id, count(*) as label_count
        from annotations
        group by annotations.document_key, annotations.image_id
    ) as label_counts
        on label_counts.document_key = images.document_key and label_counts.image_id = images.image_id
    where $project is null or documents.project = $project
),

in_documents as (
    select
        counted.document_key,
        median(counted.label_count) filter (where counted.label_count > 0) as usual_count,
        count(*) as like_count
    from counted
    group by counted.document_key
),

in_projects as (
    select
        counted.project,
        median(counted.label_count) filter (where counted.label_count > 0) as usual_count,
        count(*) as like_count
    from counted
    group by counted.project
),

compared as (
    select
        counted.project,
        counted.document_id,
        counted.image_key,
        counted.position,
        counted.label_count,
        if(in_documents.like_count >= 20, in_documents.usual_count, in_projects.usual_count) as usual_count,
        if(in_documents.like_count >= 20, in_documents.like_count, in_projects.like_count) as like_count
    from counted
    inner join in_documents on in_documents.document_key = counted.document_key
    inner join in_projects on in_projects.project = counted.project
)

select
    compared.project,
    compared.document_id,
    compared.image_key,
    compared.label_count,
    compared.usual_count,
    compared.like_count,
    (compared.usual_count - compared.label_count) / sqrt(compared.usual_count) as score
from compared
where (compared.usual_count - compared.label_count) / sqrt(compared.usual_count) >= $min_score::double
order by score desc, compared.project, compared.document_id, compared.position
limit $rows::bigint;
