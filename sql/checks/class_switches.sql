-- Objects whose class changes from one frame to another.
-- grain: track (object of a video)
-- columns: project, document_id, document_key, image_key, annotation_position, label_id (identity of the
--   label within the image), what (in words), track (the object: encord_track_uuid, else # and track_id), video
--   (that has the object), categories (names of its classes), class_switches (how often the class changes)
-- severity: warning
-- explanation: An object has one class; usually an annotator chose another one on some frames.
select
    tracks.project,
    tracks.document_id,
    tracks.document_key,
    null::varchar as image_key,
    null::bigint as annotation_position,
    null::varchar as label_id,
    concat(
        'changes its class ', counted(tracks.class_switches, 'time', 'times'), ': ',
        array_to_string(tracks.categories, ', ')
    ) as what,
    tracks.track,
    tracks.video,
    tracks.categories,
    tracks.class_switches
from tracks
where tracks.class_switches > 0
order by tracks.document_key, tracks.video, tracks.track;
