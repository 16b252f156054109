-- Documents whose boxes are all shares of the image, from 0 to 1, instead of pixels.
-- grain: document
-- columns: project, document_id, document_key, image_key, annotation_position, label_id (identity of the
--   label within the image), what (in words), labels, box_count (boxes of the document), greatest (largest edge or
--   size of the boxes that are shares)
-- severity: error
-- explanation: COCO counts pixels, and every area, size class and overlap assumes them. Multiply the boxes by the
--   width and height of their image before the export. One in fifty boxes may be another, and shares may reach
--   1.5, as those of objects that are cut off do. The check accepts documents of points alone, and those with
--   images of a single pixel.
with boxes as (
    select
        annotations.document_key,
        least(annotations.bbox_x, annotations.bbox_y) as least_edge,
        least(annotations.bbox_w, annotations.bbox_h) as least_size,
        greatest(annotations.bbox_w, annotations.bbox_h) as greatest_size,
        greatest(
            annotations.bbox_x + annotations.bbox_w,
            annotations.bbox_y + annotations.bbox_h,
            annotations.bbox_w,
            annotations.bbox_h
        ) as greatest
    from annotations
    where annotations.bbox_w is not null
),

measured as (
    select
        boxes.document_key,
        count(*) as box_count,
        count(*) filter (
            where boxes.greatest <= 1.5 and boxes.least_edge >= -0.5 and boxes.least_size >= 0
        ) as share_count,
        max(boxes.greatest) filter (where boxes.greatest <= 1.5) as greatest
    from boxes
    group by boxes.document_key
    having share_count >= 0.98 * box_count and max(boxes.greatest_size) > 0
),

pixel_images as (
    select images.document_key
    from images
    where images.document_key in (select measured.document_key from measured)
    group by images.document_key
    having max(greatest(images.width, images.height)) <= 1
)

select
    documents.project,
    documents.document_id,
    documents.document_key,
    null::varchar as image_key,
    null::bigint as annotation_position,
    null::varchar as label_id,
    concat(
        measured.share_count, ' of ', counted(measured.box_count, 'box lies', 'boxes lie'), ' between 0 and 1'
    ) as what,
    measured.share_count as labels,
    measured.box_count,
    measured.greatest
from measured
inner join documents on documents.document_key = measured.document_key
anti join pixel_images on pixel_images.document_key = measured.document_key
order by documents.document_key;
