-- Objects that move too far from one labelled frame to the next.
-- grain: label
-- columns: project, document_id, document_key, image_key, annotation_position, label_id (identity of the
--   label within the image), what (in words), frame, frame_before (frame of the object's label before),
--   moved_px (how far the centre moved, pixels)
-- severity: warning
-- explanation: Mostly another object took over the track. Too far is, per frame, more than twice the box's
--   own diagonal and more than a tenth of the image's.
with placed as (
    select
        project,
        document_id,
        document_key,
        image_key,
        position,
        label_id,
        encord_track_uuid,
        frame,
        bbox_x + bbox_w / 2 as centre_x,
        bbox_y + bbox_h / 2 as centre_y,
        sqrt(bbox_w ** 2 + bbox_h ** 2) as diagonal,
        sqrt(width ** 2 + height ** 2) as image_diagonal
    from labels
    where encord_track_uuid is not null and frame is not null and bbox_x is not null and width > 0
),

followed as (
    select
        placed.*,
        lag(frame) over track as frame_before,
        sqrt((centre_x - lag(centre_x) over track) ** 2 + (centre_y - lag(centre_y) over track) ** 2) as moved_px,
        lag(diagonal) over track as diagonal_before
    from placed
    window track as (partition by document_key, encord_track_uuid order by frame, position)
)

select
    labels.project,
    labels.document_id,
    labels.document_key,
    labels.image_key,
    labels.position as annotation_position,
    labels.label_id,
    concat(
        'moved ', round(labels.moved_px), ' pixels from frame ', labels.frame_before, ' to frame ', labels.frame
    ) as what,
    labels.frame,
    labels.frame_before,
    labels.moved_px
from followed as labels
where
    labels.frame > labels.frame_before
    and labels.moved_px / (labels.frame - labels.frame_before)
    > greatest(2 * labels.diagonal, 2 * labels.diagonal_before, 0.1 * labels.image_diagonal)
order by labels.document_key, labels.position;
