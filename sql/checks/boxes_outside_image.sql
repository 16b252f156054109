-- Boxes that lie outside their image, wholly or in part.
-- grain: label, or document whose boxes or image sizes are written in another order
-- columns: project, document_id, document_key, image_key, annotation_position, label_id (identity of the
--   label within the image), what (in words), cause, severity, labels, outside_px (how far the box reaches out,
--   pixels; of a document: the farthest)
-- severity: error
-- explanation: Coordinates beyond the image crash or mislead training. Up to one pixel counts as rounding; less
--   than 5 % of the box is a warning. The corners of a rotated box may reach out, so only its centre counts. A
--   document is one row if its boxes are corners (x1, y1, x2, y2): no width is below its x, no height below its y,
--   and 30 % of the boxes reach out. So are all images of a document whose labels fit with width and height
--   swapped, and only so, as those of turned photographs do.
-- the sides are those of the image that the box would need; they cost less to compare than the distances.
with image_extents as (
    select
        annotations.document_key,
        annotations.image_id,
        count(*) as box_count,
        count(*) filter (
            where annotations.bbox_w >= annotations.bbox_x and annotations.bbox_h >= annotations.bbox_y
        ) as corner_count,
        min(annotations.bbox_x) as x1,
        min(annotations.bbox_y) as y1,
        max(annotations.bbox_w) as greatest_w,
        max(annotations.bbox_h) as greatest_h,
        max(annotations.bbox_x + annotations.bbox_w) as x2,
        max(annotations.bbox_y + annotations.bbox_h) as y2
    from annotations
    where annotations.bbox_w is not null
    group by annotations.document_key, annotations.image_id
),

measured_images as (
    select
        image_extents.*,
        image_sizes.width,
        image_sizes.height,
        greatest(-x1, -y1, x2 - image_sizes.width, y2 - image_sizes.height) as outside_px,
        image_sizes.width <> image_sizes.height
        and least(x1, y1) >= -1
        and x2 <= image_sizes.height + 1
        and y2 <= image_sizes.width + 1
        and (x2 > 1.05 * image_sizes.width or y2 > 1.05 * image_sizes.height) as is_swapped
    from image_extents
    inner join image_sizes
        on image_sizes.document_key = image_extents.document_key and image_sizes.image_id = image_extents.image_id
),

boxes as (
    select
        annotations.document_key,
        annotations.image_id,
        annotations.position,
        outside.width,
        outside.height,
        greatest(
            -annotations.bbox_x,
            -annotations.bbox_y,
            annotations.bbox_x + annotations.bbox_w - outside.width,
            annotations.bbox_y + annotations.bbox_h - outside.height
        ) as outside_px
    from annotations
    inner join measured_images as outside
        on outside.document_key = annotations.document_key
        and outside.image_id = annotations.image_id
        and outside.outside_px > 1
),

corner_documents as (
    select document_counts.document_key, document_counts.box_count, out_counts.out_count, out_counts.outside_px
    from (
        select
            measured_images.document_key,
            sum(measured_images.box_count)::bigint as box_count,
            sum(measured_images.corner_count)::bigint as corner_count,
            max(measured_images.greatest_w - measured_images.width) as over_width,
            max(measured_images.greatest_h - measured_images.height) as over_height
        from measured_images
        group by measured_images.document_key
    ) as document_counts
    inner join (
        select boxes.document_key, count(*) as out_count, max(boxes.outside_px) as outside_px
        from boxes
        where boxes.outside_px > 1
        group by boxes.document_key
    ) as out_counts on out_counts.document_key = document_counts.document_key
    where
        document_counts.box_count >= 3
        and document_counts.corner_count >= 0.98 * document_counts.box_count
        and document_counts.over_width <= 1
        and document_counts.over_height <= 1
        and out_counts.out_count >= 0.3 * document_counts.box_count
),

swapped_documents as (
    select
        measured_images.document_key,
        count(*) as image_count,
        sum(measured_images.box_count)::bigint as box_count,
        max(measured_images.outside_px) as outside_px
    from measured_images
    anti join corner_documents on corner_documents.document_key = measured_images.document_key
    where measured_images.is_swapped
    group by measured_images.document_key
),

placed as (
    select
        labels.*,
        if(
            label_shape(
                labels.supercategory, labels.segmentation_kind, labels.num_keypoints, labels.rotation, labels.bbox_w
            ) = 'rotatable_bounding_box',
            0.5, 0.0
        ) as inset
    from boxes
    anti join corner_documents on corner_documents.document_key = boxes.document_key
    anti join (
        select measured_images.document_key, measured_images.image_id
        from measured_images
        where measured_images.is_swapped
    ) as swapped on swapped.document_key = boxes.document_key and swapped.image_id = boxes.image_id
    inner join labels on labels.document_key = boxes.document_key and labels.position = boxes.position
    where boxes.outside_px > 1 and labels.width > 0 and labels.height > 0
),

outside_labels as (
    select
        placed.*,
        greatest(
            -(bbox_x + inset * bbox_w),
            -(bbox_y + inset * bbox_h),
            bbox_x + (1 - inset) * bbox_w - width,
            bbox_y + (1 - inset) * bbox_h - height
        ) as outside_px
    from placed
)

select
    documents.project,
    documents.document_id,
    documents.document_key,
    null::varchar as image_key,
    null::bigint as annotation_position,
    null::varchar as label_id,
    findings.what,
    findings.cause,
    'error' as severity,
    findings.labels,
    findings.outside_px
from (
    select
        corner_documents.document_key,
        concat(
            'the boxes seem to be corners (x1, y1, x2, y2): ', corner_documents.out_count, ' of ',
            corner_documents.box_count, ' reach out of their images'
        ) as what,
        'boxes are corners' as cause,
        corner_documents.box_count as labels,
        corner_documents.outside_px
    from corner_documents
    union all
    select
        swapped_documents.document_key,
        concat(
            'the labels of ', counted(swapped_documents.image_count, 'image', 'images'),
            ' fit with width and height swapped only'
        ),
        'width and height swapped',
        swapped_documents.box_count,
        swapped_documents.outside_px
    from swapped_documents
) as findings
inner join documents on documents.document_key = findings.document_key
union all
select
    labels.project,
    labels.document_id,
    labels.document_key,
    labels.image_key,
    labels.position as annotation_position,
    labels.label_id,
    concat(
        'box ', labels.bbox_x, ', ', labels.bbox_y, ', ', labels.bbox_w, ', ', labels.bbox_h, ' reaches ',
        round(labels.outside_px, 1), ' px out of an image of ', labels.width, ' x ', labels.height
    ) as what,
    if(
        labels.outside_px <= 0.05 * greatest(labels.bbox_w, labels.bbox_h),
        'box reaches out by less than 5 %', 'box reaches out of the image'
    ) as cause,
    if(labels.outside_px <= 0.05 * greatest(labels.bbox_w, labels.bbox_h), 'warning', 'error') as severity,
    null::bigint as labels,
    labels.outside_px
from outside_labels as labels
where labels.outside_px > 1
order by document_key, annotation_position;
