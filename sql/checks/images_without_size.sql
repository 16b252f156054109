-- Images without width or height.
-- grain: image, or document in which half of the images have none
-- columns: project, document_id, document_key, image_key, annotation_position, label_id (identity of the
--   label within the image), what (in words), cause, labels (of the images), position (of the image in its
--   document, from 0; null for a document), file_name (of the image; null for a document)
-- severity: warning
-- explanation: Nothing tells whether a label lies on such an image. Tools that scale coordinates divide by zero.
with sizeless as (
    select images.document_key, images.image_id, images.position, images.image_key, images.file_name, images.width, images.height
    from images
    where coalesce(images.width, 0) <= 0 or coalesce(images.height, 0) <= 0
),

label_counts as (
    select annotations.document_key, annotations.image_id, count(*) as label_count
    from annotations
    where annotations.document_key in (select sizeless.document_key from sizeless)
    group by annotations.document_key, annotations.image_id
),

counted as (
    select sizeless.*, coalesce(label_counts.label_count, 0) as label_count
    from sizeless
    left join label_counts
        on label_counts.document_key = sizeless.document_key and label_counts.image_id = sizeless.image_id
),

whole_documents as (
    select
        counted.document_key,
        count(*) as image_count,
        sum(counted.label_count)::bigint as label_count,
        any_value(documents.image_count) as document_image_count
    from counted
    inner join documents on documents.document_key = counted.document_key
    group by counted.document_key
    having count(*) > 1 and count(*) >= 0.5 * any_value(documents.image_count)
)

select
    documents.project,
    documents.document_id,
    documents.document_key,
    findings.image_key,
    null::bigint as annotation_position,
    null::varchar as label_id,
    findings.what,
    findings.cause,
    findings.label_count as labels,
    findings.position,
    findings.file_name
from (
    select
        whole_documents.document_key,
        null::varchar as image_key,
        concat(whole_documents.image_count, ' of ', whole_documents.document_image_count, ' images have no size') as what,
        'images of the document have no size' as cause,
        whole_documents.label_count,
        null::bigint as position,
        null::varchar as file_name
    from whole_documents
    union all
    select
        counted.document_key,
        counted.image_key,
        concat('image of ', coalesce(counted.width::varchar, 'unknown'), ' x ', coalesce(counted.height::varchar, 'unknown')),
        'image without size',
        counted.label_count,
        counted.position,
        counted.file_name
    from counted
    anti join whole_documents on whole_documents.document_key = counted.document_key
) as findings
inner join documents on documents.document_key = findings.document_key
order by documents.document_key, findings.position;
