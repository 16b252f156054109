-- Geometry of some labels; the published file does not have it.
-- grain: label
-- columns: document_key, position, polygons, rle_width, rle_height, rle_counts, keypoints (a list of x, y and
--   visibility)
-- parameters: keys (document keys), positions (in the same order)
with wanted as (
    select unnest($keys) as document_key, unnest($positions) as position
),

points as (
    select
        keypoints.document_key,
        keypoints.annotation_position,
        list([keypoints.x, keypoints.y, keypoints.visibility] order by keypoints.keypoint_index) as keypoints
    from lake.main.keypoints as keypoints
    inner join wanted
        on wanted.document_key = keypoints.document_key
        and wanted.position = keypoints.annotation_position
    where keypoints.document_key in $keys
    group by keypoints.document_key, keypoints.annotation_position
)

select
    annotations.document_key,
    annotations.position,
    annotations.polygons,
    annotations.rle_width,
    annotations.rle_height,
    annotations.rle_counts,
    points.keypoints
from lake.main.annotations as annotations
inner join wanted
    on wanted.document_key = annotations.document_key and wanted.position = annotations.position
left join points
    on points.document_key = annotations.document_key and points.annotation_position = annotations.position
where annotations.document_key in $keys;
