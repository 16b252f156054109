-- The labels of one side of a comparison. Captions and panoptic records are none. A polygon without a box has
-- that of its points.
-- grain: label
-- columns: number (from 1, by document and position), document_id, document_key, position, annotation_id,
--   image_id, image_key, label_id, category (name of the class), x, y, w, h (box, pixels), has_box (as
--   exported), rle_counts and rle_height (of a mask without a box), area, is_crowd, score
-- identifiers: table (the side)
-- parameters: snapshot, project, document (document_id; null for all)
create or replace temp table {table} as
with held as (
    select document_key, document_id, category_set
    from documents at (version => $snapshot)
    where project = $project and ($document is null or document_id = $document)
),

classes as (
    select category_set, category_id, arg_min(name, position) as name
    from categories at (version => $snapshot)
    where category_set in (select held.category_set from held)
    group by category_set, category_id
),

first_images as (
    select document_key, image_id, arg_min(image_key, position) as image_key
    from images at (version => $snapshot)
    where document_key in (select held.document_key from held)
    group by document_key, image_id
),

identities as (
    select document_key, annotation_position, label_id
    from label_ids at (version => $snapshot)
    where document_key in (select held.document_key from held)
),

drawn as (
    select *
    from annotations at (version => $snapshot)
    where
        document_key in (select held.document_key from held)
        and record_kind(extra, bbox_w, segmentation_kind) = 'label'
)

select
    row_number() over (order by held.document_id, drawn.position) as number,
    held.document_id,
    held.document_key,
    drawn.position,
    drawn.annotation_id,
    drawn.image_id,
    first_images.image_key,
    coalesce(
        identities.label_id,
        drawn.encord_track_uuid,
        '#' || drawn.annotation_id_text,
        '#' || drawn.annotation_id,
        '@' || drawn.position
    ) as label_id,
    coalesce(classes.name, concat('category_id ', drawn.category_id)) as category,
    coalesce(drawn.bbox_x, polygon_bounds(drawn.polygons).x1) as x,
    coalesce(drawn.bbox_y, polygon_bounds(drawn.polygons).y1) as y,
    coalesce(
        drawn.bbox_w, polygon_bounds(drawn.polygons).x2 - polygon_bounds(drawn.polygons).x1
    ) as w,
    coalesce(
        drawn.bbox_h, polygon_bounds(drawn.polygons).y2 - polygon_bounds(drawn.polygons).y1
    ) as h,
    drawn.bbox_w is not null as has_box,
    if(drawn.bbox_w is null, drawn.rle_counts, null) as rle_counts,
    drawn.rle_height,
    drawn.area,
    coalesce(drawn.iscrowd, 0) = 1 as is_crowd,
    drawn.score
from drawn
inner join held on held.document_key = drawn.document_key
inner join first_images
    on first_images.document_key = drawn.document_key and first_images.image_id = drawn.image_id
left join classes on classes.category_set = held.category_set and classes.category_id = drawn.category_id
left join identities
    on identities.document_key = drawn.document_key and identities.annotation_position = drawn.position;
