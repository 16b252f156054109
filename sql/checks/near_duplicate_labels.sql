-- Labels on one image that show the same thing twice: of one class with an overlap of more than 0.8 (IoU), of two
-- classes with more than 0.95.
-- grain: pair of labels, at the later one; or image whose labels lie too close together to be compared
-- columns: project, document_id, document_key, image_key, annotation_position, label_id (identity of the
--   label within the image), what (in words), cause, severity, labels (of an image that is not compared),
--   category_name (name of the category), other_position (position of the earlier label), other_label_id (its
--   identity within the image), iou (intersection over union of the boxes, from 0 to 1)
-- severity: warning
-- explanation: One of the two is a mistake, and training counts the object twice. The check respects rotation.
--   Polygons and masks must agree in area and place too. Points and polylines have no overlap and must agree in
--   all coordinates. Labels of two classes count if their shape is the same; crowds do not count. The check
--   compares no pairs on an image with more than 1,400 labels that each have more than 100 others of their size
--   nearby; it reports the image instead.
with image_counts as (
    select document_key, image_id, count(*) as label_count
    from annotations
    where image_id is not null
    group by document_key, image_id
    having count(*) > 1
),

measured as not materialized (
    -- duckdb reads these several times rather than holding them: there is one per label.
    select
        document_key,
        image_id,
        category_id,
        position,
        bbox_x,
        bbox_y,
        bbox_w,
        bbox_h,
        rotation,
        bbox_x + bbox_w / 2 as centre_x,
        bbox_y + bbox_h / 2 as centre_y,
        -- a point has no size: one pixel is its cell.
        greatest(sqrt(bbox_w ** 2 + bbox_h ** 2), 1) as diagonal
    from annotations
    where
        image_id is not null
        -- boxes_outside_image reports boxes that no image can hold; here they would overflow the numbers of cells.
        and greatest(abs(bbox_x), abs(bbox_y), abs(bbox_w), abs(bbox_h)) < 1e12
),

-- all labels of an image are compared with each other if they are few, which is most images.
few as not materialized (
    select measured.*
    from measured
    semi join (
        select document_key, image_id from image_counts where label_count <= 50
    ) as counted using (document_key, image_id)
),

dense as not materialized (
    select measured.*
    from measured
    semi join (
        select document_key, image_id from image_counts where label_count > 50
    ) as counted using (document_key, image_id)
),

-- of others only labels that share a cell are compared. a cell is a power of two of the diagonal, and a place of the
-- centre in steps of that power. the time grows with the labels, not with their pairs.
own_cells as (
    select
        document_key,
        image_id,
        category_id,
        position,
        bbox_x,
        bbox_y,
        bbox_w,
        bbox_h,
        rotation,
        floor(log2(diagonal))::bigint as size_cell,
        hash(size_cell, floor(centre_x / 2 ** size_cell)::bigint, floor(centre_y / 2 ** size_cell)::bigint) as cell
    from dense
    -- always true, but duckdb then holds these in the join and not the near cells, of which there are more.
    where diagonal >= 1
),

-- an overlap of 0.8 bounds the ratio of the diagonals by 1.25, and the distance of the centres by a quarter of
-- either diagonal. a label also goes into the neighbouring cells in which such a partner may lie, usually one
-- or two.
size_cells as (
    select
        dense.*,
        unnest(range(floor(log2(diagonal / 1.25))::bigint, floor(log2(diagonal * 1.25))::bigint + 1)) as size_cell
    from dense
),

x_cells as (
    select
        size_cells.*,
        unnest(range(
            floor((centre_x - 0.25 * diagonal) / 2 ** size_cell)::bigint,
            floor((centre_x + 0.25 * diagonal) / 2 ** size_cell)::bigint + 1
        )) as x_cell
    from size_cells
),

near_cells as (
    select
        x_cells.*,
        unnest(range(
            floor((centre_y - 0.25 * diagonal) / 2 ** size_cell)::bigint,
            floor((centre_y + 0.25 * diagonal) / 2 ** size_cell)::bigint + 1
        )) as y_cell,
        hash(size_cell, x_cell, y_cell) as cell
    from x_cells
),

-- images with too many pairs. up to 1,400 labels have at most 2 million.
many as (
    select image_counts.*
    from image_counts
    where image_counts.label_count > 1400
),

own_counts as (
    select document_key, image_id, cell, count(*) as label_count
    from own_cells
    semi join many using (document_key, image_id)
    group by document_key, image_id, cell
),

near_counts as (
    select document_key, image_id, cell, count(*) as label_count
    from near_cells
    semi join many using (document_key, image_id)
    group by document_key, image_id, cell
),

crowded as (
    select many.document_key, many.image_id, many.label_count
    from many
    inner join own_counts
        on own_counts.document_key = many.document_key and own_counts.image_id = many.image_id
    inner join near_counts
        on near_counts.document_key = own_counts.document_key
        and near_counts.image_id = own_counts.image_id
        and near_counts.cell = own_counts.cell
    group by many.document_key, many.image_id, many.label_count
    having
        sum(own_counts.label_count::hugeint * near_counts.label_count)
        > greatest(2000000, 100 * many.label_count)
),

candidates as (
    select
        later.document_key,
        later.position,
        earlier.position as other_position,
        later.category_id,
        earlier.category_id as other_category_id,
        later.bbox_x,
        later.bbox_y,
        later.bbox_w,
        later.bbox_h,
        later.rotation,
        earlier.bbox_x as other_x,
        earlier.bbox_y as other_y,
        earlier.bbox_w as other_w,
        earlier.bbox_h as other_h,
        earlier.rotation as other_rotation
    from few as earlier
    inner join few as later
        on earlier.document_key = later.document_key
        and earlier.image_id = later.image_id
        and earlier.position < later.position
    where
        -- a cheap bound first: most pairs are not near.
        abs(later.centre_x - earlier.centre_x) <= 0.25 * greatest(later.diagonal, earlier.diagonal)
        and abs(later.centre_y - earlier.centre_y) <= 0.25 * greatest(later.diagonal, earlier.diagonal)
        and later.bbox_w * later.bbox_h >= 0.8 * earlier.bbox_w * earlier.bbox_h
        and earlier.bbox_w * earlier.bbox_h >= 0.8 * later.bbox_w * later.bbox_h
    union all
    select
        later.document_key,
        later.position,
        earlier.position,
        later.category_id,
        earlier.category_id,
        later.bbox_x,
        later.bbox_y,
        later.bbox_w,
        later.bbox_h,
        later.rotation,
        earlier.bbox_x,
        earlier.bbox_y,
        earlier.bbox_w,
        earlier.bbox_h,
        earlier.rotation
    from (select near_cells.* from near_cells anti join crowded using (document_key, image_id)) as earlier
    inner join own_cells as later
        on earlier.document_key = later.document_key
        and earlier.image_id = later.image_id
        and earlier.cell = later.cell
        and earlier.position < later.position
    where
        abs(later.bbox_x + later.bbox_w / 2 - earlier.centre_x)
        <= 0.25 * greatest(sqrt(later.bbox_w ** 2 + later.bbox_h ** 2), earlier.diagonal)
        and abs(later.bbox_y + later.bbox_h / 2 - earlier.centre_y)
        <= 0.25 * greatest(sqrt(later.bbox_w ** 2 + later.bbox_h ** 2), earlier.diagonal)
        and later.bbox_w * later.bbox_h >= 0.8 * earlier.bbox_w * earlier.bbox_h
        and earlier.bbox_w * earlier.bbox_h >= 0.8 * later.bbox_w * later.bbox_h
),

pairs as (
    select
        candidates.document_key,
        candidates.position,
        candidates.other_position,
        candidates.other_category_id is not distinct from candidates.category_id as is_same_class,
        case
            when rotation % 180 <> 0 or other_rotation % 180 <> 0 then rotated_bbox_iou(
                bbox_x, bbox_y, bbox_w, bbox_h, rotation, other_x, other_y, other_w, other_h, other_rotation
            )
            else bbox_iou(bbox_x, bbox_y, bbox_w, bbox_h, other_x, other_y, other_w, other_h)
        end as iou,
        bbox_x = other_x and bbox_y = other_y and bbox_w = other_w and bbox_h = other_h as is_same_box
    from candidates
),

overlapping as (
    select pairs.*
    from pairs
    where pairs.iou > if(pairs.is_same_class, 0.8, 0.95) or (pairs.iou is null and pairs.is_same_box)
),

outlines as (
    select
        annotations.document_key,
        annotations.position,
        annotations.segmentation_kind,
        annotations.polygons,
        annotations.rle_counts,
        case annotations.segmentation_kind
            when 'rle' then rle_area(annotations.rle_counts)::double
            when 'polygon' then polygon_area(annotations.polygons)
        end as area,
        polygon_centroid(annotations.polygons) as centroid
    from annotations
    where
        annotations.document_key in (select overlapping.document_key from overlapping)
        and (annotations.document_key, annotations.position) in (
            select (overlapping.document_key, overlapping.position) from overlapping
            union all
            select (overlapping.document_key, overlapping.other_position) from overlapping
        )
)

select
    documents.project,
    documents.document_id,
    crowded.document_key,
    (
        select arg_min(images.image_key, images.position)
        from images
        where images.document_key = crowded.document_key and images.image_id = crowded.image_id
    ) as image_key,
    null::bigint as annotation_position,
    null::varchar as label_id,
    concat(crowded.label_count, ' labels on one image, too close together: pairs not compared') as what,
    'not compared' as cause,
    'info' as severity,
    crowded.label_count as labels,
    null::varchar as category_name,
    null::bigint as other_position,
    null::varchar as other_label_id,
    null::double as iou
from crowded
inner join documents on documents.document_key = crowded.document_key
union all
select
    labels.project,
    labels.document_id,
    labels.document_key,
    labels.image_key,
    labels.position as annotation_position,
    labels.label_id,
    concat(
        case
            when not overlapping.is_same_class then concat('on the place of a ', coalesce(others.category_name, 'label without class'))
            when overlapping.iou > 0.9 or overlapping.iou is null then 'the same as the label'
            else 'nearly the same as the label'
        end,
        ' at position ', overlapping.other_position
    ) as what,
    case
        when not overlapping.is_same_class then 'two classes on one place'
        when overlapping.iou > 0.9 or overlapping.iou is null then 'twice the same label'
        else 'nearly the same label'
    end as cause,
    'warning' as severity,
    null::bigint as labels,
    labels.category_name,
    overlapping.other_position,
    others.label_id as other_label_id,
    overlapping.iou
from overlapping
inner join labels
    on labels.document_key = overlapping.document_key and labels.position = overlapping.position
inner join labels as others
    on others.document_key = overlapping.document_key and others.position = overlapping.other_position
inner join outlines as own
    on own.document_key = overlapping.document_key and own.position = overlapping.position
inner join outlines as other
    on other.document_key = overlapping.document_key and other.position = overlapping.other_position
where
    coalesce(labels.iscrowd, 0) = coalesce(others.iscrowd, 0)
    and (
        overlapping.is_same_class
        or label_shape(
            labels.supercategory, labels.segmentation_kind, labels.num_keypoints, labels.rotation, labels.bbox_w
        ) = label_shape(
            others.supercategory, others.segmentation_kind, others.num_keypoints, others.rotation, others.bbox_w
        )
    )
    and case
        when own.polygons = other.polygons and own.rle_counts is not distinct from other.rle_counts then true
        when labels.supercategory in ('point', 'polyline') then false
        when coalesce(own.area, 0) = 0 or coalesce(other.area, 0) = 0 then coalesce(overlapping.iou > 0.8, false)
        when least(own.area, other.area) < 0.8 * greatest(own.area, other.area) then false
        -- equal boxes with an overlap of 0.8 lie a ninth of their side apart.
        else coalesce(overlapping.iou > 0.8, false) and coalesce(
            abs(own.centroid.x - other.centroid.x) <= 0.112 * labels.bbox_w
            and abs(own.centroid.y - other.centroid.y) <= 0.112 * labels.bbox_h,
            true
        )
    end
order by document_key, annotation_position, other_position;
