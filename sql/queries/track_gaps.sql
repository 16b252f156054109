-- Which objects vanish for some frames and come back?
-- grain: object (encord_track_uuid) of a document that has frames
-- columns: project, document_id, encord_track_uuid, category_name (name of the class of the first label),
--   first_frame (of the object), last_frame (of the object), labelled_frames (frames with a label of it),
--   gap_frames (frames of the document in between without one)
-- parameters: project (project; default null: all), category (name of a class; default null: all),
--   min_frames (gap frames at least, 1 or more; default 1)
select
    tracks.project,
    tracks.document_id,
    tracks.encord_track_uuid,
    tracks.category_name,
    tracks.first_frame,
    tracks.last_frame,
    tracks.labelled_frames,
    tracks.gap_frames
from tracks
where
    tracks.gap_frames >= $min_frames::bigint
    and ($project is null or tracks.project = $project)
    and ($category is null or tracks.category_name = $category)
order by tracks.gap_frames desc, tracks.project, tracks.document_id, tracks.encord_track_uuid;
