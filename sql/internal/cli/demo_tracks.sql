-- Which objects move through the video, and how far?
-- grain: object of a video
-- columns: object, category_name, first_frame, last_frame, labels, moved_px (pixels, left edge)
select
    encord_track_uuid as object,
    category_name,
    min(frame) as first_frame,
    max(frame) as last_frame,
    count(*) as labels,
    max(bbox_x) - min(bbox_x) as moved_px
from labels
where media_type = 'video'
group by encord_track_uuid, category_name
order by labels desc, object;
