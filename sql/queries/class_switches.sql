-- Which objects change their class from one frame to another?
-- grain: object (encord_track_uuid) of a document that has frames
-- columns: project, document_id, encord_track_uuid, categories (names of its classes), class_switches (how often
--   the class changes), first_frame (of the object), last_frame (of the object)
-- parameters: project (project; default null: all)
select
    tracks.project,
    tracks.document_id,
    tracks.encord_track_uuid,
    tracks.categories,
    tracks.class_switches,
    tracks.first_frame,
    tracks.last_frame
from tracks
where tracks.class_switches > 0 and ($project is null or tracks.project = $project)
order by tracks.class_switches desc, tracks.project, tracks.document_id, tracks.encord_track_uuid;
