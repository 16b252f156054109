-- Objects without a label on frames between their first and their last one.
-- grain: track (object of a video)
-- columns: project, document_id, document_key, image_key, annotation_position, label_id (identity of the
--   label within the image), what (in words), track (the object: encord_track_uuid, else # and track_id), video
--   (that has the object), first_frame (of the object), last_frame (of the object), gap_frames (frames of the
--   video in between without a label of the object)
-- severity: warning
-- explanation: The object was hidden for a while, or an annotator missed it. Only frames that the document has
--   count.
select
    tracks.project,
    tracks.document_id,
    tracks.document_key,
    null::varchar as image_key,
    null::bigint as annotation_position,
    null::varchar as label_id,
    concat(
        'no label on ', counted(tracks.gap_frames, 'frame', 'frames'), ' from ', tracks.first_frame, ' to ',
        tracks.last_frame
    ) as what,
    tracks.track,
    tracks.video,
    tracks.first_frame,
    tracks.last_frame,
    tracks.gap_frames
from tracks
where tracks.gap_frames > 0
order by tracks.document_key, tracks.video, tracks.track;
