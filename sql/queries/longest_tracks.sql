-- Which objects are tracked for the longest time?
-- grain: track (object of a video)
-- columns: project, document_id, track (the object: encord_track_uuid, else # and track_id), video (that has the
--   object), category_name (name of the class of the first label), first_frame (of the object), last_frame (of
--   the object), length_frames (frames from the first to the last), labels (of the object), gap_frames (frames
--   in between without a label of the object)
-- parameters: project (project; default null: all), category (name of a class; default null: all),
--   rows (rows at most, 1 or more; default 20)
select
    tracks.project,
    tracks.document_id,
    tracks.track,
    tracks.video,
    tracks.category_name,
    tracks.first_frame,
    tracks.last_frame,
    tracks.length_frames,
    tracks.labels,
    tracks.gap_frames
from tracks
where
    ($project is null or tracks.project = $project)
    and ($category is null or tracks.category_name = $category)
order by tracks.length_frames desc, tracks.project, tracks.document_id, tracks.video, tracks.track
limit $rows::bigint;
