-- Images that no label refers to.
-- grain: image, or document in which more than half of the images have no label
-- columns: project, document_id, document_key, image_key, annotation_position, label_id (identity of the
--   label within the image), what (in words), cause, severity, labels (0), position (of the image in its document,
--   from 0; null for a document), file_name (of the image; null for a document), image_count (images without a label)
-- severity: warning
-- explanation: Either the image shows nothing to label, or it is not labelled yet. An image that another document of
--   the project has labels for is not reported. A document with labels for less than half of its images is one row,
--   and info, as is one without any label: test sets, captions and sets that are labelled in part look like this.
--   A classification of a label row is a label of each frame in its ranges, or of all images of its data unit.
with classified as (
    select images.document_key, images.image_id
    from classifications
    inner join ranges
        on ranges.document_key = classifications.document_key
        and ranges.owner = 'classification'
        and ranges.owner_position = classifications.position
    inner join images
        on images.document_key = classifications.document_key
        and (images.data_hash = ranges.space or ranges.space is null)
        and (ranges.range_start is null or coalesce(images.frame, 0) between ranges.range_start and ranges.range_end)
),

labelled as (
    select distinct annotations.document_key, annotations.image_id
    from annotations
    where
        annotations.image_id is not null
        and record_kind(annotations.extra, annotations.bbox_w, annotations.segmentation_kind) <> 'caption'
    union
    from classified
),

bare as (
    select
        documents.project,
        documents.document_id,
        images.document_key,
        images.image_key,
        images.position,
        images.file_name
    from images
    inner join documents on documents.document_key = images.document_key
    anti join labelled
        on labelled.document_key = images.document_key and labelled.image_id = images.image_id
),

-- images of one key in several documents of a project.
shared as (
    select distinct documents.project, images.image_key
    from images
    inner join documents on documents.document_key = images.document_key
    inner join labelled
        on labelled.document_key = images.document_key and labelled.image_id = images.image_id
    where
        images.image_key in (select bare.image_key from bare)
        and documents.project in (select bare.project from bare)
),

unlabelled as (
    select bare.*
    from bare
    anti join shared on shared.project = bare.project and shared.image_key = bare.image_key
),

counts as (
    select
        unlabelled.document_key,
        count(*) as image_count,
        any_value(documents.image_count) as document_image_count
    from unlabelled
    inner join documents on documents.document_key = unlabelled.document_key
    group by unlabelled.document_key
    having count(*) > 1 and count(*) > 0.5 * any_value(documents.image_count)
)

select
    documents.project,
    documents.document_id,
    documents.document_key,
    null::varchar as image_key,
    null::bigint as annotation_position,
    null::varchar as label_id,
    concat(counts.image_count, ' of ', counts.document_image_count, ' images have no label') as what,
    if(
        counts.image_count = counts.document_image_count,
        'no image of the document has a label', 'less than half of the document is labelled'
    ) as cause,
    'info' as severity,
    0::bigint as labels,
    null::bigint as position,
    null::varchar as file_name,
    counts.image_count
from counts
inner join documents on documents.document_key = counts.document_key
union all
select
    unlabelled.project,
    unlabelled.document_id,
    unlabelled.document_key,
    unlabelled.image_key,
    null::bigint as annotation_position,
    null::varchar as label_id,
    'no label' as what,
    'image without a label' as cause,
    'warning' as severity,
    0::bigint as labels,
    unlabelled.position,
    unlabelled.file_name,
    1::bigint as image_count
from unlabelled
anti join counts on counts.document_key = unlabelled.document_key
order by document_key, position;
