-- An identity stands for two labels of one image.
-- grain: document
-- columns: what
with first_images as (
    select images.document_key, images.image_id, arg_min_null(images.image_key, images.position) as image_key
    from images
    group by images.document_key, images.image_id
),

-- of the labels only numbers are held; those with equal ones, mostly none, are then looked at themselves.
hashed as (
    select
        annotations.document_key,
        hash(
            documents.project,
            documents.document_id,
            first_images.image_key,
            coalesce(
                label_ids.label_id,
                annotations.encord_track_uuid,
                '#' || annotations.annotation_id,
                '@' || annotations.position
            )
        ) as identity
    from annotations
    inner join documents on documents.document_key = annotations.document_key
    left join first_images
        on first_images.document_key = annotations.document_key
        and first_images.image_id = annotations.image_id
    left join label_ids
        on label_ids.document_key = annotations.document_key
        and label_ids.annotation_position = annotations.position
),

suspects as (
    select unnest([min(hashed.document_key), max(hashed.document_key)]) as document_key
    from hashed
    group by hashed.identity
    having count(*) > 1
),

repeated as (
    select labels.project, labels.document_id, labels.image_key, labels.label_id
    from labels
    where labels.document_key in (select suspects.document_key from suspects)
    group by labels.project, labels.document_id, labels.image_key, labels.label_id
    having count(*) > 1
)

select
    concat('project ', repeated.project, ', document ', repeated.document_id, ': ', count(*), ' identities stand twice')
        as what
from repeated
group by repeated.project, repeated.document_id
order by what;
