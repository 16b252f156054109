-- Objects without a label on frames between their first and their last one.
-- grain: object of a document
-- columns: project, document_id, document_key, image_key, annotation_position, label_id (identity of the
--   label within the image), what (in words), encord_track_uuid, first_frame (of the object), last_frame
--   (of the object), gap_frames (frames of the document in between without a label of the object)
-- severity: warning
-- explanation: The object was hidden for a while, or somebody forgot it there. Only frames that the
--   document has count.
select
    tracks.project,
    tracks.document_id,
    tracks.document_key,
    null::varchar as image_key,
    null::bigint as annotation_position,
    null::varchar as label_id,
    concat('no label on ', tracks.gap_frames, ' frames from ', tracks.first_frame, ' to ', tracks.last_frame) as what,
    tracks.encord_track_uuid,
    tracks.first_frame,
    tracks.last_frame,
    tracks.gap_frames
from tracks
where tracks.gap_frames > 0
order by tracks.document_key, tracks.encord_track_uuid;
