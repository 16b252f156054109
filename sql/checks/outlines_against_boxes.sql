-- Polygons that do not fit their box, or reach out of their image.
-- grain: label, or document whose boxes differ from their polygons in one way
-- columns: project, document_id, document_key, image_key, annotation_position, label_id (identity of the
--   label within the image), what (in words), cause, severity, labels, off_px (how far an edge of the box is from
--   the polygons' extent, or a polygon reaches out of the image, pixels; of a document: the farthest)
-- severity: error
-- explanation: A label's box is the extent of its polygons; one of the two is wrong where they differ by more than
--   3 pixels and 5 % of the larger one. If half of a document's boxes differ in the same way, the document is one
--   row; so are all its boxes that another scale turns into the extents. A polygon may reach out of the image by
--   a pixel. Labels that are rotated have no such box. boxes_outside_image reports boxes outside the image.
with outlined as (
    select
        annotations.document_key,
        annotations.image_id,
        annotations.position,
        annotations.bbox_x as x,
        annotations.bbox_y as y,
        annotations.bbox_w as w,
        annotations.bbox_h as h,
        polygon_bounds(annotations.polygons) as extent,
        image_sizes.width,
        image_sizes.height
    from annotations
    left join image_sizes
        on image_sizes.document_key = annotations.document_key and image_sizes.image_id = annotations.image_id
    where annotations.segmentation_kind = 'polygon' and coalesce(annotations.rotation % 180, 0) = 0
),

measured as (
    select
        outlined.*,
        extent.x2 - extent.x1 as extent_w,
        extent.y2 - extent.y1 as extent_h,
        greatest(
            abs(x - extent.x1), abs(y - extent.y1), abs(x + w - extent.x2), abs(y + h - extent.y2)
        ) as off_px,
        greatest(w, h, extent_w, extent_h) as side,
        coalesce(greatest(-extent.x1, -extent.y1, extent.x2 - width, extent.y2 - height), 0) as outside_px,
        coalesce(greatest(-x, -y, x + w - width, y + h - height), 0) as box_outside_px,
        greatest(extent_w, extent_h) / nullif(greatest(w, h), 0) as scale,
        1 + 0.02 * greatest(extent_w, extent_h) as tolerance
    from outlined
),

counts as (
    select annotations.document_key, count(*) as outline_count
    from annotations
    where annotations.segmentation_kind = 'polygon' and annotations.bbox_w is not null
    group by annotations.document_key
),

differing as (
    select
        measured.*,
        case
            when greatest(abs(x - extent.x1), abs(y - extent.y1), abs(w - extent.x2), abs(h - extent.y2)) <= tolerance
                then 'boxes are corners'
            when
                greatest(
                    abs(x - extent.x1 - extent_w / 2), abs(y - extent.y1 - extent_h / 2),
                    abs(w - extent_w), abs(h - extent_h)
                ) <= tolerance
                then 'boxes begin at their centre'
            when
                abs(scale - 1) > 0.05
                and greatest(
                    abs(x * scale - extent.x1), abs(y * scale - extent.y1),
                    abs(w * scale - extent_w), abs(h * scale - extent_h)
                ) <= tolerance
                then 'boxes at another scale than their polygons'
            when greatest(abs(x), abs(y), w, h) <= 1.5 then 'boxes are shares of the image'
            when outside_px > 1 and box_outside_px <= 1 then 'polygon reaches out of the image'
            else 'box beside its polygon'
        end as cause
    from measured
    where
        (measured.off_px > 3 and measured.off_px > 0.05 * measured.side)
        or (measured.outside_px > 1 and measured.box_outside_px <= 1)
),

document_causes as (
    select
        differing.document_key,
        differing.cause,
        count(*) as label_count,
        any_value(counts.outline_count) as outline_count,
        median(differing.scale) as scale,
        max(differing.off_px) as off_px,
        count(*) filter (where differing.box_outside_px > 1) as out_count
    from differing
    inner join counts on counts.document_key = differing.document_key
    group by differing.document_key, differing.cause
    having
        (count(*) >= 3 and differing.cause = 'boxes at another scale than their polygons')
        or (count(*) >= 5 and count(*) >= 0.5 * any_value(counts.outline_count))
)

select
    documents.project,
    documents.document_id,
    documents.document_key,
    null::varchar as image_key,
    null::bigint as annotation_position,
    null::varchar as label_id,
    concat(
        document_causes.label_count, ' of ', document_causes.outline_count, ' boxes differ from their polygons: ',
        document_causes.cause,
        if(
            document_causes.cause = 'boxes at another scale than their polygons',
            concat(', about ', round(1 / document_causes.scale, 2)), ''
        )
    ) as what,
    document_causes.cause,
    if(document_causes.cause = 'polygon reaches out of the image', 'warning', 'error') as severity,
    document_causes.label_count as labels,
    document_causes.off_px
from document_causes
inner join documents on documents.document_key = document_causes.document_key
where
    -- normalised_boxes and boxes_outside_image report these.
    document_causes.cause <> 'boxes are shares of the image'
    and not (
        document_causes.cause = 'boxes are corners'
        and document_causes.out_count >= 0.3 * document_causes.outline_count
    )
union all
select
    labels.project,
    labels.document_id,
    labels.document_key,
    labels.image_key,
    labels.position as annotation_position,
    labels.label_id,
    if(
        differing.cause = 'polygon reaches out of the image',
        concat('polygon reaches ', round(differing.outside_px, 1), ' px out of an image of ', labels.width, ' x ', labels.height),
        concat(
            'box ', labels.bbox_x, ', ', labels.bbox_y, ', ', labels.bbox_w, ', ', labels.bbox_h,
            ', polygons ', round(differing.extent.x1, 1), ', ', round(differing.extent.y1, 1), ', ',
            round(differing.extent_w, 1), ', ', round(differing.extent_h, 1)
        )
    ) as what,
    differing.cause,
    if(differing.cause = 'polygon reaches out of the image', 'warning', 'error') as severity,
    null::bigint as labels,
    if(differing.cause = 'polygon reaches out of the image', differing.outside_px, differing.off_px) as off_px
from differing
anti join document_causes
    on document_causes.document_key = differing.document_key and document_causes.cause = differing.cause
inner join labels on labels.document_key = differing.document_key and labels.position = differing.position
order by document_key, annotation_position;
