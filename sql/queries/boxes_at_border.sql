-- Which boxes touch the border of their image? They may be cut off. Turned boxes and points are left out.
-- grain: label
-- columns: project, document_id, image_key, label_id (identity of the label within the image), category_name
--   (name of the class), bbox_x, bbox_y, bbox_w, bbox_h, edges (which it touches: left, top, right, bottom), score (length of
--   its sides at the border, pixels)
-- parameters: project (project; default null: all), category (name of a class; default null: all),
--   margin (how near to the border counts as touching it, pixels, 0 or more; default 0),
--   rows (rows at most, 1 or more; default 1000)
with placed as (
    select
        labels.*,
        concat_ws(
            ', ',
            if(labels.bbox_x <= $margin::double, 'left', null),
            if(labels.bbox_y <= $margin::double, 'top', null),
            if(labels.bbox_x + labels.bbox_w >= labels.width - $margin::double, 'right', null),
            if(labels.bbox_y + labels.bbox_h >= labels.height - $margin::double, 'bottom', null)
        ) as edges,
        if(labels.bbox_x <= $margin::double, labels.bbox_h, 0)
        + if(labels.bbox_y <= $margin::double, labels.bbox_w, 0)
        + if(labels.bbox_x + labels.bbox_w >= labels.width - $margin::double, labels.bbox_h, 0)
        + if(labels.bbox_y + labels.bbox_h >= labels.height - $margin::double, labels.bbox_w, 0) as score
    from labels
    where
        ($project is null or labels.project = $project)
        and ($category is null or labels.category_name = $category)
        and size_class(labels.bbox_w, labels.bbox_h) is not null
        and coalesce(labels.rotation % 180, 0) = 0
)

select
    placed.project,
    placed.document_id,
    placed.image_key,
    placed.label_id,
    placed.category_name,
    placed.bbox_x,
    placed.bbox_y,
    placed.bbox_w,
    placed.bbox_h,
    placed.edges,
    placed.score
from placed
where placed.edges <> ''
order by placed.score desc, placed.document_key, placed.position
limit $rows::bigint;
