-- Which objects are tracked for the longest time?
-- grain: object (encord_track_uuid) of a document that has frames
-- columns: project, document_id, encord_track_uuid, category_name (name of the class of the first label),
--   first_frame (of the object), last_frame (of the object), length_frames (frames from the first to the last),
--   labels (of the object), gap_frames (frames in between without one)
-- parameters: project (project; default null: all), category (name of a class; default null: all),
--   rows (rows at most, 1 or more; default 20)
select
    tracks.project,
    tracks.document_id,
    tracks.encord_track_uuid,
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
order by tracks.length_frames desc, tracks.project, tracks.document_id, tracks.encord_track_uuid
limit $rows::bigint;
