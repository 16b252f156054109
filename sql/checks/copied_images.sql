-- Images that a project has twice: under one file name with several ids, or with the labels of another image.
-- grain: image, except the first of its like
-- columns: project, document_id, document_key, image_key, annotation_position, label_id (identity of the
--   label within the image), what (in words), cause, labels, position (of the image in its document, from 0),
--   file_name (of the image), other_file_name (file name of the first image)
-- severity: warning
-- explanation: Copies count twice in training, and a copy in another split tells the answer. So do the images of a
--   document that is there in two forms. Two images have the
--   same labels if size, boxes and classes agree in number and to the last digit. One label is enough only if it
--   has a polygon or keypoints. Frames of videos do not count, because things stand still in them.
with boxes as (
    select
        annotations.document_key,
        annotations.image_id,
        count(*) as label_count,
        count(*) filter (where len(annotations.polygons[1]) > 8 or annotations.num_keypoints > 2) as outline_count,
        bit_xor(hash(
            annotations.bbox_x, annotations.bbox_y, annotations.bbox_w, annotations.bbox_h, annotations.category_id
        )) as exclusive_hash,
        sum(hash(
            annotations.bbox_x, annotations.bbox_y, annotations.bbox_w, annotations.bbox_h, annotations.category_id
        ) % 1000000007) as hash_sum
    from annotations
    where annotations.bbox_w > 0
    group by annotations.document_key, annotations.image_id
    having label_count > 1 or outline_count > 0
),

single_images as (
    select
        images.document_key,
        images.image_id,
        images.position,
        images.image_key,
        images.file_name,
        images.width,
        images.height
    from images
    where
        images.frame is null
        and images.video_id is null
        and not coalesce(
            contains(images.extra, '"frame') or contains(images.extra, '"video') or contains(images.extra, '"vid_id"'),
            false
        )
),

labelled as (
    select documents.project, documents.document_id, single_images.*, boxes.label_count, boxes.exclusive_hash, boxes.hash_sum
    from single_images
    inner join boxes
        on boxes.document_key = single_images.document_key and boxes.image_id = single_images.image_id
    inner join documents on documents.document_key = single_images.document_key
),

same_labels as (
    select
        labelled.*,
        first_value(labelled.file_name) over alike as first_file_name,
        first_value(labelled.image_key) over alike as first_image_key,
        first_value(labelled.document_id) over alike as first_document_id
    from labelled
    window alike as (
        partition by labelled.project, labelled.width, labelled.height, labelled.label_count,
        labelled.exclusive_hash, labelled.hash_sum
        order by labelled.document_key, labelled.position
    )
),

same_names as (
    select
        single_images.*,
        row_number() over alike as number,
        first_value(single_images.image_id) over alike as first_image_id
    from single_images
    where single_images.file_name is not null
    window alike as (
        partition by single_images.document_key, single_images.file_name order by single_images.position
    )
)

select
    same_labels.project,
    same_labels.document_id,
    same_labels.document_key,
    same_labels.image_key,
    null::bigint as annotation_position,
    null::varchar as label_id,
    concat(
        if(
            same_labels.label_count = 1, '1 label, the same as that of ',
            concat(same_labels.label_count, ' labels, the same as those of ')
        ),
        coalesce(same_labels.first_file_name, same_labels.first_image_key),
        if(same_labels.document_id <> same_labels.first_document_id, concat(' in ', same_labels.first_document_id), '')
    ) as what,
    if(
        same_labels.document_id <> same_labels.first_document_id,
        'labels of an image in another document', 'labels of another image'
    ) as cause,
    same_labels.label_count as labels,
    same_labels.position,
    same_labels.file_name,
    same_labels.first_file_name as other_file_name
from same_labels
where same_labels.image_key <> same_labels.first_image_key
union all
select
    documents.project,
    documents.document_id,
    same_names.document_key,
    same_names.image_key,
    null::bigint as annotation_position,
    null::varchar as label_id,
    concat('image ', same_names.first_image_id, ' has the same file name') as what,
    'file name of another image' as cause,
    0 as labels,
    same_names.position,
    same_names.file_name,
    same_names.file_name as other_file_name
from same_names
inner join documents on documents.document_key = same_names.document_key
where same_names.number > 1 and same_names.image_id <> same_names.first_image_id
order by document_key, position, cause;
