-- The size of each image of a document: that of the first image with its id that has one.
-- grain: document version, image_id
-- columns: document_key, image_id, width (pixels), height (pixels), is_frame (of a video: some image with the id has a
--   frame or a video)
create or replace view image_sizes as
select
    images.document_key,
    images.image_id,
    arg_min(images.width, images.position) as width,
    arg_min(images.height, images.position) as height,
    bool_or(images.frame is not null or images.video_id is not null) as is_frame
from images
where images.width > 0 and images.height > 0
group by images.document_key, images.image_id;
