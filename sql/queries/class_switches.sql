-- Which objects change their class from one frame to another?
-- grain: track (object of a video)
-- columns: project, document_id, track (the object: encord_track_uuid, else # and track_id), video (that has the
--   object), categories (names of its classes), class_switches (how often the class changes), first_frame (of
--   the object), last_frame (of the object)
-- rows_of: class_switches
-- parameters: project (project; default null: all), rows (rows at most, 1 or more; default 1000)
select
    check_rows.project,
    check_rows.document_id,
    check_rows.track,
    check_rows.video,
    check_rows.categories,
    check_rows.class_switches,
    tracks.first_frame,
    tracks.last_frame
from check_rows
inner join tracks
    on tracks.document_key = check_rows.document_key
    and tracks.track = check_rows.track
    and tracks.video is not distinct from check_rows.video
where $project is null or check_rows.project = $project
order by
    check_rows.class_switches desc,
    check_rows.project,
    check_rows.document_id,
    check_rows.video,
    check_rows.track
limit $rows::bigint;
