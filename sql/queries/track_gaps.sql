-- Which objects vanish for some frames and come back?
-- grain: track (object of a video)
-- columns: project, document_id, track (the object: encord_track_uuid, else # and track_id), video (that has the
--   object), category_name (name of the class of the first label), first_frame (of the object), last_frame (of
--   the object), labelled_frames (frames with a label of the object), gap_frames (frames of the video in between
--   without a label of it)
-- rows_of: track_gaps
-- parameters: project (project; default null: all), category (name of a class; default null: all),
--   min_frames (gap frames at least, 1 or more; default 1), rows (rows at most, 1 or more; default 1000)
select
    check_rows.project,
    check_rows.document_id,
    check_rows.track,
    check_rows.video,
    tracks.category_name,
    tracks.first_frame,
    tracks.last_frame,
    tracks.labelled_frames,
    check_rows.gap_frames
from check_rows
inner join tracks
    on tracks.document_key = check_rows.document_key
    and tracks.track = check_rows.track
    and tracks.video is not distinct from check_rows.video
where
    check_rows.gap_frames >= $min_frames::bigint
    and ($project is null or check_rows.project = $project)
    and ($category is null or tracks.category_name = $category)
order by
    check_rows.gap_frames desc,
    check_rows.project,
    check_rows.document_id,
    check_rows.video,
    check_rows.track
limit $rows::bigint;
