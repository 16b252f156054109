-- Boxes that people do not draw: of the whole image, thinner than two pixels, one on many images, or very long.
-- grain: label; or document and class of boxes of the whole image, document and box that is on many images, or
--   document with very long boxes
-- columns: project, document_id, document_key, image_key, annotation_position, label_id (identity of the
--   label within the image), what (in words), cause, severity, labels, category_name (name of the category; null
--   for a document)
-- severity: warning
-- explanation: A box of the whole image, or one that several images have to the last digit, is what a tool puts
--   there before an annotator draws. At least five images count, and no frames of videos, where things stand still. If
--   such boxes are a fifth of the document's, its objects lie at fixed places; if half of the labels of a class
--   have the whole image, the class is about images: both are info. A box is thin below two pixels, unless its
--   image is below 100; small objects and those that are cut off may be as thin. Sides of 30 to 1 and more are info.
with boxes as (
    select
        annotations.document_key,
        annotations.image_id,
        annotations.position,
        annotations.category_id,
        annotations.bbox_x,
        annotations.bbox_y,
        annotations.bbox_w,
        annotations.bbox_h,
        image_sizes.is_frame or annotations.track_id is not null as is_frame,
        annotations.bbox_x <= 1
        and annotations.bbox_y <= 1
        and annotations.bbox_x + annotations.bbox_w >= image_sizes.width - 1
        and annotations.bbox_y + annotations.bbox_h >= image_sizes.height - 1 as fills_image,
        -- an outline of ten points and more, or one that leaves out a part of the image, was drawn.
        case
            when not fills_image then false
            when annotations.segmentation_kind = 'polygon'
                then len(annotations.polygons[1]) < 20
                and polygon_area(annotations.polygons) >= 0.99 * image_sizes.width * image_sizes.height
            else annotations.segmentation_kind <> 'rle'
        end as is_whole,
        least(annotations.bbox_w, annotations.bbox_h) < 2 and least(image_sizes.width, image_sizes.height) >= 100 as is_thin,
        greatest(annotations.bbox_w, annotations.bbox_h)
        >= 30 * least(annotations.bbox_w, annotations.bbox_h) as is_long
    from annotations
    inner join image_sizes
        on image_sizes.document_key = annotations.document_key and image_sizes.image_id = annotations.image_id
    where annotations.bbox_w > 0 and annotations.bbox_h > 0
),

counts as (
    select boxes.document_key, count(*) as box_count
    from boxes
    group by boxes.document_key
),

repeated as (
    select
        boxes.document_key,
        boxes.bbox_x,
        boxes.bbox_y,
        boxes.bbox_w,
        boxes.bbox_h,
        count(*) as label_count,
        count(distinct boxes.image_id) as image_count
    from boxes
    where not boxes.is_frame and not boxes.fills_image
    group by boxes.document_key, boxes.bbox_x, boxes.bbox_y, boxes.bbox_w, boxes.bbox_h
    having count(*) >= 5 and count(distinct boxes.image_id) >= 5
),

fixed as (
    select
        repeated.document_key,
        sum(repeated.label_count)::bigint as label_count,
        count(*) as place_count
    from repeated
    inner join counts on counts.document_key = repeated.document_key
    group by repeated.document_key
    having sum(repeated.label_count) >= 0.2 * any_value(counts.box_count) and count(*) > 1
),

class_counts as (
    select
        boxes.document_key,
        boxes.category_id,
        count(*) as label_count,
        count(*) filter (where boxes.is_whole) as whole_count
    from boxes
    group by boxes.document_key, boxes.category_id
    having count(*) filter (where boxes.is_whole) > 0
),

odd as (
    select
        boxes.document_key,
        boxes.position,
        if(boxes.is_whole, 'box of the whole image', 'box thinner than two pixels') as cause
    from boxes
    left join class_counts
        on boxes.is_whole
        and class_counts.document_key = boxes.document_key
        and class_counts.category_id is not distinct from boxes.category_id
    where
        (boxes.is_whole and not (class_counts.whole_count >= 3 and class_counts.whole_count >= 0.5 * class_counts.label_count))
        or boxes.is_thin
),

named as (
    select
        categories.category_set,
        categories.category_id,
        arg_min(categories.name, categories.position) as category_name,
        arg_min(categories.supercategory, categories.position) as supercategory
    from categories
    group by categories.category_set, categories.category_id
),

whole_documents as (
    select
        class_counts.document_key,
        class_counts.category_id,
        concat(
            class_counts.whole_count, ' of ', class_counts.label_count, ' boxes of the class are the whole image'
        ) as what,
        'class of whole images' as cause,
        'info' as severity,
        class_counts.whole_count as labels
    from class_counts
    where class_counts.whole_count >= 3 and class_counts.whole_count >= 0.5 * class_counts.label_count
    union all
    select
        fixed.document_key,
        null::bigint,
        concat(fixed.label_count, ' boxes lie at ', fixed.place_count, ' places that several images have'),
        'boxes at fixed places',
        'info',
        fixed.label_count
    from fixed
    union all
    select
        repeated.document_key,
        null::bigint,
        concat(
            'box ', repeated.bbox_x, ', ', repeated.bbox_y, ', ', repeated.bbox_w, ', ', repeated.bbox_h, ' is on ',
            repeated.image_count, ' images'
        ),
        'one box on many images',
        'warning',
        repeated.label_count
    from repeated
    anti join fixed on fixed.document_key = repeated.document_key
    union all
    select
        boxes.document_key,
        null::bigint,
        concat(counted(count(*), 'box has', 'boxes have'), ' sides of 30 to 1 and more'),
        'very long boxes',
        'info',
        count(*)
    from boxes
    inner join documents on documents.document_key = boxes.document_key
    left join named
        on named.category_set = documents.category_set and named.category_id = boxes.category_id
    where
        boxes.is_long
        and not boxes.is_thin
        and coalesce(named.supercategory, '') not in ('point', 'polyline', 'skeleton')
    group by boxes.document_key
)

select
    documents.project,
    documents.document_id,
    documents.document_key,
    null::varchar as image_key,
    null::bigint as annotation_position,
    null::varchar as label_id,
    whole_documents.what,
    whole_documents.cause,
    whole_documents.severity,
    whole_documents.labels,
    named.category_name
from whole_documents
inner join documents on documents.document_key = whole_documents.document_key
left join named
    on named.category_set = documents.category_set and named.category_id = whole_documents.category_id
union all
select
    labels.project,
    labels.document_id,
    labels.document_key,
    labels.image_key,
    labels.position as annotation_position,
    labels.label_id,
    concat('box of ', labels.bbox_w, ' x ', labels.bbox_h, ' on an image of ', labels.width, ' x ', labels.height) as what,
    odd.cause,
    'warning' as severity,
    null::bigint as labels,
    labels.category_name
from odd
inner join labels on labels.document_key = odd.document_key and labels.position = odd.position
where label_shape(supercategory, segmentation_kind, num_keypoints, rotation, bbox_w) not in ('point', 'polyline', 'skeleton')
order by document_key, annotation_position, cause, what;
