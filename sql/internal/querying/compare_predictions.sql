-- The predictions of one side of a comparison: those with a known image and class, and a score.
-- grain: prediction
-- columns: as those of a side with labels
-- identifiers: table (the side)
-- parameters: snapshot, project, model
create or replace temp table {table} as
with held as (
    select set_key, list_name
    from prediction_sets at (version => $snapshot)
    where project = $project and model = $model
)

select
    row_number() over (order by held.list_name, predictions.position) as number,
    predictions.document_id,
    predictions.set_key as document_key,
    predictions.position,
    null::bigint as annotation_id,
    predictions.image_id,
    predictions.image_key,
    '@' || predictions.position as label_id,
    predictions.category_name as category,
    coalesce(predictions.bbox_x, polygon_bounds(predictions.polygons).x1) as x,
    coalesce(predictions.bbox_y, polygon_bounds(predictions.polygons).y1) as y,
    coalesce(
        predictions.bbox_w, polygon_bounds(predictions.polygons).x2 - polygon_bounds(predictions.polygons).x1
    ) as w,
    coalesce(
        predictions.bbox_h, polygon_bounds(predictions.polygons).y2 - polygon_bounds(predictions.polygons).y1
    ) as h,
    predictions.bbox_w is not null as has_box,
    if(predictions.bbox_w is null, predictions.rle_counts, null) as rle_counts,
    predictions.rle_height,
    null::double as area,
    false as is_crowd,
    predictions.score
from predictions at (version => $snapshot)
inner join held on held.set_key = predictions.set_key
where
    predictions.image_key is not null
    and predictions.category_name is not null
    and predictions.score is not null;
