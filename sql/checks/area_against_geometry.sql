-- Labels whose area is not that of their geometry.
-- grain: label
-- columns: project, document_id, document_key, image_key, annotation_position, label_id (identity of the
--   label within the image), what (in words), area (as exported, square pixels), geometry_area (of the box,
--   polygons or mask, square pixels)
-- severity: warning
-- explanation: COCO's evaluation sorts labels into sizes by area. Masks are counted by pixel; polygons by
--   the shoelace formula, give or take half a pixel along their outline, by which rasterised areas differ;
--   boxes by width times height, give or take 1 %. Points, polylines and skeletons have no area to compare.
with shaped as (
    select
        labels.*,
        label_shape(supercategory, segmentation_kind, num_keypoints, rotation, bbox_w) as shape
    from labels
    where labels.area is not null
),

measured as (
    select
        shaped.*,
        case
            when shape in ('point', 'polyline', 'skeleton') then null
            when segmentation_kind = 'rle' then rle_area(rle_counts)::double
            when shape in ('bounding_box', 'rotatable_bounding_box') then bbox_w * bbox_h
            when segmentation_kind = 'polygon' then polygon_area(polygons)
            else bbox_w * bbox_h
        end as geometry_area,
        if(
            segmentation_kind = 'polygon' and shape not in ('bounding_box', 'rotatable_bounding_box'),
            list_sum(list_transform(polygons, lambda ring: line_length(ring))) / 2,
            0
        ) as outline_px
    from shaped
)

select
    labels.project,
    labels.document_id,
    labels.document_key,
    labels.image_key,
    labels.position as annotation_position,
    labels.label_id,
    concat('area ', round(labels.area, 1), ' instead of ', round(labels.geometry_area, 1)) as what,
    labels.area,
    labels.geometry_area
from measured as labels
where
    abs(labels.area - labels.geometry_area)
    > 1 + 0.01 * greatest(labels.area, labels.geometry_area) + coalesce(labels.outline_px, 0)
order by labels.document_key, labels.position;
