-- Add the documents of which a candidate has at least half of the first labels, on images of the same keys.
-- grain: document
-- columns: those of known_contents
-- parameters: project
insert into temp.main.known_contents
with sampled as (
    select
        images.document_key as new_key,
        images.image_key,
        annotations.content_hash,
        count(*) as labels
    from lake.main.annotations as annotations
    inner join lake.main.images as images
        on images.document_key = annotations.document_key and images.image_id = annotations.image_id
    where
        annotations.position < 200
        and annotations.document_key in (select new_key from temp.main.content_candidates)
        and images.document_key in (select new_key from temp.main.content_candidates)
        and images.data_hash is null
    group by all
),

known_images as (
    select
        candidates.new_key,
        candidates.old_key,
        candidates.old_id,
        images.image_id,
        images.image_key
    from temp.main.content_candidates as candidates
    inner join lake.main.images as images on images.document_key = candidates.old_key
    semi join sampled on sampled.new_key = candidates.new_key and sampled.image_key = images.image_key
),

known_labels as (
    select
        known_images.new_key,
        known_images.old_key,
        known_images.old_id,
        known_images.image_key,
        annotations.content_hash,
        count(*) as labels
    from known_images
    inner join lake.main.annotations as annotations
        on annotations.document_key = known_images.old_key and annotations.image_id = known_images.image_id
    group by all
),

shares as (
    select
        sampled.new_key,
        known_labels.old_key,
        known_labels.old_id,
        sum(least(sampled.labels, known_labels.labels)) as equal_labels
    from sampled
    inner join known_labels
        on known_labels.new_key = sampled.new_key
        and known_labels.image_key = sampled.image_key
        and known_labels.content_hash = sampled.content_hash
    group by all
)

select shares.new_key, $project, arg_max(shares.old_id, (shares.equal_labels, shares.old_key))
from shares
inner join (select new_key, sum(labels) as labels from sampled group by new_key) as totals
    on totals.new_key = shares.new_key and 2 * shares.equal_labels >= totals.labels
group by shares.new_key;
