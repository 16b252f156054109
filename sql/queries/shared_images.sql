-- Do the splits of a project (train, valid, test) share images? The names of documents tell the split. Roboflow's
-- copies of a picture (NAME.rf.HASH.jpg) count as one image.
-- grain: image of several splits
-- columns: project, image (image_key; of a copy of Roboflow's the name of the picture), splits (that have it), documents
--   (document_ids that have it), document_count, label_count (labels of all copies), copies_agree (whether the copies
--   in all documents have the same number of labels)
-- parameters: project (project; default null: all), rows (rows at most, 1 or more; default 1000)
with placed as (
    select
        documents.project,
        documents.document_id,
        split_name(documents.document_id) as split,
        regexp_replace(images.image_key, '\.rf\.[0-9a-zA-Z]+(\.[a-zA-Z]+)?$', '') as image,
        images.document_key,
        images.image_id
    from images
    inner join documents on documents.document_key = images.document_key
    where
        split_name(documents.document_id) is not null
        and images.image_key is not null
        and ($project is null or documents.project = $project)
),

shared as (
    select placed.project, placed.image
    from placed
    group by placed.project, placed.image
    having count(distinct placed.split) > 1
),

counted as (
    select annotations.document_key, annotations.image_id, count(*) as label_count
    from annotations
    where annotations.document_key in (select placed.document_key from placed)
    group by annotations.document_key, annotations.image_id
)

select
    placed.project,
    placed.image,
    list_sort(list(distinct placed.split)) as splits,
    list_sort(list(distinct placed.document_id)) as documents,
    count(distinct placed.document_id) as document_count,
    sum(coalesce(counted.label_count, 0))::bigint as label_count,
    min(coalesce(counted.label_count, 0)) = max(coalesce(counted.label_count, 0)) as copies_agree
from placed
inner join shared on shared.project = placed.project and shared.image = placed.image
left join counted on counted.document_key = placed.document_key and counted.image_id = placed.image_id
group by placed.project, placed.image
order by label_count desc, placed.project, placed.image
limit $rows::bigint;
