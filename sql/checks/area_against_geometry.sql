-- Labels whose area differs from the area of their geometry.
-- grain: label, or document whose areas differ in one way
-- columns: project, document_id, document_key, image_key, annotation_position, label_id (identity of the
--   label within the image), what (in words), cause, severity, labels, area (as exported, square pixels; null for a
--   document), geometry_area (of the box, polygons or mask, square pixels; null for a document)
-- severity: warning
-- explanation: COCO's evaluation sorts labels into sizes by area. The check counts the pixels of masks. It
--   measures polygons by the shoelace formula and allows half a pixel along their outline, because rasterised
--   areas differ by it; 0.8 pixels where the area is larger, because some masks include their edge. It multiplies
--   width and height of boxes and allows 1 %. Points, polylines and skeletons have no area to compare. Habits of
--   tools are info, one row a document: the area of the box on labels with polygons or masks, areas of boxes that
--   count both edges or were rounded later, areas of outlines where a fifth of a document's labels without one have
--   such areas, and COCO's areas of crowds. Half of a document that differs in another way is one row and a warning.
with first_categories as (
    select
        categories.category_set,
        categories.category_id,
        arg_min(categories.supercategory, categories.position) as supercategory
    from categories
    group by categories.category_set, categories.category_id
),

shaped as (
    select
        annotations.document_key,
        annotations.position,
        annotations.area,
        annotations.bbox_w,
        annotations.bbox_h,
        annotations.iscrowd = 1 and first_categories.supercategory is distinct from 'bitmask' as is_crowd,
        annotations.segmentation_kind,
        annotations.polygons,
        annotations.rle_counts,
        label_shape(
            first_categories.supercategory, annotations.segmentation_kind, annotations.num_keypoints,
            annotations.rotation, annotations.bbox_w
        ) as shape
    from annotations
    inner join documents on documents.document_key = annotations.document_key
    left join first_categories
        on first_categories.category_set = documents.category_set
        and first_categories.category_id = annotations.category_id
    where annotations.area is not null
),

measured as (
    select
        shaped.*,
        case
            when shape in ('point', 'polyline', 'skeleton') then null
            when segmentation_kind = 'rle' then rle_area(rle_counts)::double
            when shape in ('bounding_box', 'rotatable_bounding_box') then bbox_w * bbox_h
            when segmentation_kind = 'polygon' then list_sum(list_transform(polygons, lambda ring: if(
                len(ring) % 2 = 0 and len(ring) >= 6,
                -- the same as ring_area, in a fraction of its time.
                abs(
                    list_dot_product(ring[1:-:2], list_concat(ring[4:-:2], ring[2:2]))
                    - list_dot_product(ring[2:-:2], list_concat(ring[3:-:2], ring[1:1]))
                ) / 2,
                0
            )))
            else bbox_w * bbox_h
        end as geometry_area
    from shaped
),

differing as (
    select
        measured.*,
        case
            when
                measured.geometry_area <> measured.bbox_w * measured.bbox_h
                and abs(measured.area - measured.bbox_w * measured.bbox_h)
                <= 1 + 0.01 * measured.bbox_w * measured.bbox_h
                then 'area is that of the box'
            when
                abs(measured.area - (measured.bbox_w + 1) * (measured.bbox_h + 1)) <= 0.5
                then 'area counts both edges of the box'
            when measured.is_crowd then 'area of a crowd'
            when
                measured.segmentation_kind <> 'rle'
                and measured.bbox_w = floor(measured.bbox_w)
                and measured.bbox_h = floor(measured.bbox_h)
                and measured.geometry_area = measured.bbox_w * measured.bbox_h
                and measured.area between (measured.bbox_w - 1) * (measured.bbox_h - 1)
                and (measured.bbox_w + 1) * (measured.bbox_h + 1)
                then 'area of the box before it was rounded'
            when
                measured.segmentation_kind = 'none'
                and measured.area < measured.geometry_area
                and measured.area >= 0.05 * measured.geometry_area
                then 'area of an outline that is not there'
            else 'area differs from the geometry'
        end as cause
    from measured
    where
        abs(measured.area - measured.geometry_area) > 1 + 0.01 * greatest(measured.area, measured.geometry_area)
        and (
            measured.segmentation_kind <> 'polygon'
            or measured.shape in ('bounding_box', 'rotatable_bounding_box')
            or abs(measured.area - measured.geometry_area)
            > 1
            + 0.01 * greatest(measured.area, measured.geometry_area)
            + case
                -- half the outline of a box is cheaper than that of its polygons, which are many in such documents.
                when abs(measured.area - measured.bbox_w * measured.bbox_h) <= 1 + 0.01 * measured.area
                    then measured.bbox_w + measured.bbox_h
                -- a mask that was drawn with its edge is larger by up to 0.8 of the outline.
                else if(measured.area > measured.geometry_area, 0.8, 0.5) * list_sum(list_transform(
                    measured.polygons, lambda ring: line_length(list_concat(ring, ring[1:2]))
                ))
            end
        )
),

outlineless as (
    select annotations.document_key, count(*) as label_count
    from annotations
    where
        annotations.segmentation_kind = 'none'
        and annotations.document_key in (select differing.document_key from differing)
    group by annotations.document_key
),

document_causes as (
    select
        differing.document_key,
        differing.cause,
        count(*) as label_count,
        any_value(documents.annotation_count) as annotation_count,
        if(differing.cause = 'area differs from the geometry', 'warning', 'info') as severity
    from differing
    inner join documents on documents.document_key = differing.document_key
    left join outlineless on outlineless.document_key = differing.document_key
    group by differing.document_key, differing.cause
    having
        case differing.cause
            when 'area differs from the geometry'
                then count(*) >= 10 and count(*) >= 0.5 * any_value(documents.annotation_count)
            when 'area of an outline that is not there'
                then (count(*) > 1 and count(*) >= 0.5 * any_value(outlineless.label_count))
                or (count(*) >= 10 and count(*) >= 0.2 * any_value(outlineless.label_count))
            else true
        end
)

select
    documents.project,
    documents.document_id,
    documents.document_key,
    null::varchar as image_key,
    null::bigint as annotation_position,
    null::varchar as label_id,
    concat(
        document_causes.label_count, ' of ', counted(document_causes.annotation_count, 'label', 'labels'), ': ',
        document_causes.cause
    ) as what,
    document_causes.cause,
    document_causes.severity,
    document_causes.label_count as labels,
    null::double as area,
    null::double as geometry_area
from document_causes
inner join documents on documents.document_key = document_causes.document_key
union all
select
    labels.project,
    labels.document_id,
    labels.document_key,
    labels.image_key,
    labels.position as annotation_position,
    labels.label_id,
    concat('area ', round(differing.area, 1), ' instead of ', round(differing.geometry_area, 1)) as what,
    differing.cause,
    'warning' as severity,
    null::bigint as labels,
    differing.area,
    differing.geometry_area
from differing
anti join document_causes
    on document_causes.document_key = differing.document_key and document_causes.cause = differing.cause
inner join labels on labels.document_key = differing.document_key and labels.position = differing.position
order by document_key, annotation_position, cause;
