-- How much of the images is labelled: images with labels, and area under bounding boxes. The area under at
-- least one box is measured along 32 lines of each image: on each the boxes' stretches are united exactly.
-- grain: document version, those without images or labels too
-- columns: those of mart_image_coverage
-- parameters: chunk
with boxes as (
    select
        chunk_labels.document_key,
        chunk_labels.image_position,
        chunk_labels.height,
        greatest(chunk_labels.bbox_x, 0) as x1,
        greatest(chunk_labels.bbox_y, 0) as y1,
        least(chunk_labels.bbox_x + chunk_labels.bbox_w, chunk_labels.width) as x2,
        least(chunk_labels.bbox_y + chunk_labels.bbox_h, chunk_labels.height) as y2
    from temp.main.chunk_labels as chunk_labels
    where chunk_labels.width is not null and chunk_labels.bbox_w > 0 and chunk_labels.bbox_h > 0
),

inner_boxes as (
    select boxes.*
    from boxes
    where boxes.x2 > boxes.x1 and boxes.y2 > boxes.y1
),

stretches as (
    select
        inner_boxes.document_key,
        inner_boxes.image_position,
        inner_boxes.height,
        inner_boxes.x1,
        inner_boxes.x2,
        unnest(
            range(
                ceil(inner_boxes.y1 * 32 / inner_boxes.height - 0.5)::bigint,
                ceil(inner_boxes.y2 * 32 / inner_boxes.height - 0.5)::bigint
            )
        ) as line
    from inner_boxes
),

fresh_stretches as (
    select
        stretches.document_key,
        stretches.height,
        stretches.x2 - greatest(
            stretches.x1,
            coalesce(
                max(stretches.x2) over (
                    partition by stretches.document_key, stretches.image_position, stretches.line
                    order by stretches.x1
                    rows between unbounded preceding and 1 preceding
                ), stretches.x1
            )
        ) as length
    from stretches
),

covered_areas as (
    select
        fresh_stretches.document_key,
        sum(fresh_stretches.length * fresh_stretches.height / 32) as covered_area_px
    from fresh_stretches
    where fresh_stretches.length > 0
    group by fresh_stretches.document_key
),

box_areas as (
    select
        inner_boxes.document_key,
        sum((inner_boxes.x2 - inner_boxes.x1) * (inner_boxes.y2 - inner_boxes.y1)) as box_area_px
    from inner_boxes
    group by inner_boxes.document_key
),

labelled as (
    select
        chunk_labels.document_key,
        count(*) as label_count,
        count(distinct chunk_labels.image_position) as labelled_image_count
    from temp.main.chunk_labels as chunk_labels
    group by chunk_labels.document_key
),

image_areas as (
    select
        chunk_images.document_key,
        count(*) as image_count,
        sum(chunk_images.width::double * chunk_images.height) as image_area_px
    from temp.main.chunk_images as chunk_images
    group by chunk_images.document_key
)

select
    new_documents.document_key,
    coalesce(image_areas.image_count, 0) as image_count,
    coalesce(labelled.labelled_image_count, 0) as labelled_image_count,
    coalesce(labelled.label_count, 0) as label_count,
    coalesce(image_areas.image_area_px, 0) as image_area_px,
    coalesce(box_areas.box_area_px, 0) as box_area_px,
    coalesce(covered_areas.covered_area_px, 0) as covered_area_px
from temp.main.new_documents as new_documents
left join image_areas on image_areas.document_key = new_documents.document_key
left join labelled on labelled.document_key = new_documents.document_key
left join box_areas on box_areas.document_key = new_documents.document_key
left join covered_areas on covered_areas.document_key = new_documents.document_key
where new_documents.chunk = $chunk;
