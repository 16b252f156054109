-- Objects that move too far from one labelled frame to the next.
-- grain: label
-- columns: project, document_id, document_key, image_key, annotation_position, label_id (identity of the
--   label within the image), what (in words), frame, frame_before (frame of the object's label before),
--   moved_px (how far the centre moved, pixels)
-- severity: warning
-- explanation: Usually another object took over the track. Too far means, per frame, more than twice the
--   diagonal of the box and more than a tenth of the image's. A quick object in a video of few frames moves as far.
with placed as (
    select
        track_labels.document_key,
        track_labels.position,
        track_labels.track,
        track_labels.video,
        track_labels.frame,
        track_labels.bbox_x + track_labels.bbox_w / 2 as centre_x,
        track_labels.bbox_y + track_labels.bbox_h / 2 as centre_y,
        sqrt(track_labels.bbox_w ** 2 + track_labels.bbox_h ** 2) as diagonal,
        sqrt(track_labels.width ** 2 + track_labels.height ** 2) as image_diagonal
    from track_labels
    where track_labels.bbox_x is not null and track_labels.width > 0
),

followed as (
    select
        placed.*,
        lag(frame) over track as frame_before,
        sqrt((centre_x - lag(centre_x) over track) ** 2 + (centre_y - lag(centre_y) over track) ** 2) as moved_px,
        lag(diagonal) over track as diagonal_before
    from placed
    window track as (partition by document_key, video, placed.track order by frame, position)
),

jumps as (
    select followed.*
    from followed
    where
        followed.frame > followed.frame_before
        and followed.moved_px / (followed.frame - followed.frame_before)
        > greatest(2 * followed.diagonal, 2 * followed.diagonal_before, 0.1 * followed.image_diagonal)
)

select
    labels.project,
    labels.document_id,
    labels.document_key,
    labels.image_key,
    labels.position as annotation_position,
    labels.label_id,
    concat('moved ', round(jumps.moved_px), ' pixels from frame ', jumps.frame_before, ' to frame ', jumps.frame)
        as what,
    jumps.frame,
    jumps.frame_before,
    jumps.moved_px
from jumps
inner join labels on labels.document_key = jumps.document_key and labels.position = jumps.position
order by labels.document_key, labels.position;
