-- How much of the images is labelled: images with labels, and area under bounding boxes. The mart cuts an image
-- into strips and unites the horizontal intervals of its boxes in each. With up to 16 boxes the strips lie
-- between all their edges, which is exact. With more boxes they are 32 evenly spaced lines, whose number does
-- not grow with the boxes.
-- grain: document version, including those without images or labels
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

image_edges as (
    select
        inner_boxes.document_key,
        inner_boxes.image_position,
        count(*) <= 16 as is_exact,
        any_value(inner_boxes.height) as height,
        if(
            count(*) <= 16,
            list_sort(list_distinct(list_concat(list(inner_boxes.y1), list(inner_boxes.y2)))),
            list_transform(range(33), lambda i: i * any_value(inner_boxes.height) / 32)
        ) as edges
    from inner_boxes
    group by inner_boxes.document_key, inner_boxes.image_position
),

stretches as (
    select
        inner_boxes.document_key,
        inner_boxes.image_position,
        inner_boxes.x1,
        inner_boxes.x2,
        unnest(
            if(
                image_edges.is_exact,
                range(
                    list_position(image_edges.edges, inner_boxes.y1),
                    list_position(image_edges.edges, inner_boxes.y2)
                ),
                range(
                    ceil(inner_boxes.y1 * 32 / inner_boxes.height + 0.5)::bigint,
                    ceil(inner_boxes.y2 * 32 / inner_boxes.height + 0.5)::bigint
                )
            )
        ) as strip
    from inner_boxes
    inner join image_edges
        on image_edges.document_key = inner_boxes.document_key
        and image_edges.image_position = inner_boxes.image_position
),

fresh_stretches as (
    select
        stretches.document_key,
        stretches.image_position,
        stretches.strip,
        stretches.x2 - greatest(
            stretches.x1,
            coalesce(
                max(stretches.x2) over (
                    partition by stretches.document_key, stretches.image_position, stretches.strip
                    order by stretches.x1
                    rows between unbounded preceding and 1 preceding
                ), stretches.x1
            )
        ) as length
    from stretches
),

strips as (
    select
        fresh_stretches.document_key,
        fresh_stretches.image_position,
        fresh_stretches.strip,
        sum(fresh_stretches.length) as length
    from fresh_stretches
    where fresh_stretches.length > 0
    group by fresh_stretches.document_key, fresh_stretches.image_position, fresh_stretches.strip
),

covered_areas as (
    select
        strips.document_key,
        sum(strips.length * (image_edges.edges[strips.strip + 1] - image_edges.edges[strips.strip]))
            as covered_area_px
    from strips
    inner join image_edges
        on image_edges.document_key = strips.document_key
        and image_edges.image_position = strips.image_position
    group by strips.document_key
),

box_areas as (
    select
        inner_boxes.document_key,
        sum((inner_boxes.x2 - inner_boxes.x1) * (inner_boxes.y2 - inner_boxes.y1)) as box_area_px
    from inner_boxes
    group by inner_boxes.document_key
),

labelled as (
    select chunk_labels.document_key, count(*) as label_count
    from temp.main.chunk_labels as chunk_labels
    group by chunk_labels.document_key
),

-- a label belongs to all images that have its image_id, though its box is measured on the first.
labelled_images as (
    select chunk_images.document_key, count(*) as labelled_image_count
    from temp.main.chunk_images as chunk_images
    inner join (
        select distinct first_images.document_key, first_images.image_id
        from temp.main.chunk_labels as chunk_labels
        inner join temp.main.chunk_images as first_images
            on first_images.document_key = chunk_labels.document_key
            and first_images.position = chunk_labels.image_position
    ) as used
        on used.document_key = chunk_images.document_key and used.image_id = chunk_images.image_id
    group by chunk_images.document_key
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
    coalesce(labelled_images.labelled_image_count, 0) as labelled_image_count,
    coalesce(labelled.label_count, 0) as label_count,
    coalesce(image_areas.image_area_px, 0) as image_area_px,
    coalesce(box_areas.box_area_px, 0) as box_area_px,
    coalesce(covered_areas.covered_area_px, 0) as covered_area_px
from temp.main.new_documents as new_documents
left join image_areas on image_areas.document_key = new_documents.document_key
left join labelled on labelled.document_key = new_documents.document_key
left join labelled_images on labelled_images.document_key = new_documents.document_key
left join box_areas on box_areas.document_key = new_documents.document_key
left join covered_areas on covered_areas.document_key = new_documents.document_key
where new_documents.chunk = $chunk;
