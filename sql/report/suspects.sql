-- Labels whose numbers look wrong, the worst of each kind. What is normal for a shape does not count.
-- grain: label, with the worst of its reasons
-- columns: document_key, position, project, document_title, image_key, label_id, category_name, shape, rotation, width (of
--   the image, pixels), height, bbox_x, bbox_y, bbox_w, bbox_h, reason (outside, flat, area, size), amount
--   (pixels outside; share of the box; times the median of the class, above 1 or below), badness (they are
--   ordered by it)
-- parameters: project (null for all), each (labels per reason at most), each_document (labels per reason and
--   document at most)
with medians as (
    select project, category_name, median(bbox_area) as median_area
    from labels
    where bbox_area > 0 and ($project is null or project = $project)
    group by project, category_name
    having count(*) >= 20
),

measured as (
    select
        labels.*,
        case
            when labels.shape <> 'rotatable_bounding_box'
                then greatest(
                    -labels.bbox_x,
                    -labels.bbox_y,
                    labels.bbox_x + labels.bbox_w - labels.image_width,
                    labels.bbox_y + labels.bbox_h - labels.image_height
                )
        end as outside_px,
        labels.bbox_area / medians.median_area as times_median
    from labels
    left join medians
        on medians.project = labels.project
        and medians.category_name is not distinct from labels.category_name
    where $project is null or labels.project = $project
),

judged as (
    select
        measured.*,
        case
            when outside_px > 1 then 'outside'
            when (bbox_w <= 0 or bbox_h <= 0) and shape not in ('point', 'polyline', 'skeleton') then 'flat'
            when area > 1.02 * bbox_area + 1 and shape in ('bounding_box', 'polygon', 'bitmask') then 'area'
            when times_median > 50 or times_median < 0.02 then 'size'
        end as reason,
        case reason
            when 'outside' then outside_px
            when 'flat' then greatest(bbox_w, bbox_h)
            when 'area' then area / nullif(bbox_area, 0)
            else times_median
        end as amount,
        if(reason = 'size', abs(ln(times_median)), coalesce(amount, 1e9)) as badness
    from measured
),

worst_of_documents as (
    select
        reason,
        unnest(
            max_by(
                {
                    'document_key': document_key,
                    'position': position,
                    'project': project,
                    'document_title': document_title,
                    'image_key': image_key,
                    'label_id': label_id,
                    'category_name': category_name,
                    'shape': shape,
                    'rotation': rotation,
                    'width': image_width,
                    'height': image_height,
                    'bbox_x': bbox_x,
                    'bbox_y': bbox_y,
                    'bbox_w': bbox_w,
                    'bbox_h': bbox_h,
                    'reason': reason,
                    'amount': amount,
                    'badness': badness
                },
                badness,
                $each_document
            )
        ) as label
    from judged
    where reason is not null and badness is not null
    group by reason, document_key
),

worst as (
    select unnest(max_by(label, label.badness, $each)) as label
    from worst_of_documents
    group by reason
)

select unnest(label)
from worst
order by
    list_position(['outside', 'flat', 'size', 'area'], label.reason),
    label.badness desc,
    label.document_key,
    label.position;
