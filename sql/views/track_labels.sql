-- Labels of tracks, each with its frame: the one rule of what a track and a frame are. A track is an object that
-- labels of one video name; a number below 0 names none. Where Encord's file names have frames, these are the frames. In other documents it
-- is, for each video, the first of these that all its images have: frame_index, frame_id, frame_number or frame
-- of the image, the number at the end of the file's name, the place among the images.
-- grain: label of a track
-- columns: document_key, position, track (the object within document and video: encord_track_uuid; in documents
--   without any, # and track_id), video (video_id of the image or of its labels, else vid_id or video of the
--   image, else the folder of the file if frames repeat over folders; the data hash if a document has several
--   with frames; null where a document is one video without a name), frame (frame, slice or page), frame_number
--   (from 1, among the frames that the video has), image_position (position of the image), image_key, width (of
--   the image, pixels), height (of the image, pixels), category_id, encord_track_uuid, track_id, track_id_text,
--   bbox_x, bbox_y, bbox_w, bbox_h
-- checks: no label whose image has no frame, as single images of Encord
create or replace view track_labels as
with encord_frames as (
    select
        images.document_key,
        images.image_id,
        images.position,
        images.image_key,
        images.width,
        images.height,
        if(
            min(images.data_hash) over (partition by images.document_key)
            <> max(images.data_hash) over (partition by images.document_key),
            images.data_hash,
            null
        ) as video,
        images.frame
    from images
    where images.frame is not null
    qualify
        row_number() over (partition by images.document_key, images.image_id order by images.position) = 1
),

label_videos as (
    select
        annotations.document_key,
        annotations.image_id,
        min(json_extract_string(annotations.extra, '$.video_id')) as video
    from annotations
    inner join images
        on images.document_key = annotations.document_key
        and images.image_id = annotations.image_id
        and images.video_id is null
    where
        (
            annotations.encord_track_uuid is not null
            or annotations.track_id_text is not null
            or annotations.track_id >= 0
        )
        and contains(annotations.extra, '"video_id"')
    group by annotations.document_key, annotations.image_id
),

other_images as (
    select
        images.document_key,
        images.image_id,
        images.position,
        images.image_key,
        images.width,
        images.height,
        images.file_name,
        -- documents that an earlier version stored have their video_id there alone.
        coalesce(images.video_id, json_extract_string(images.extra, '$.video_id')) as video_id,
        json_extract_string(images.extra, ['$.vid_id', '$.video']) as videos,
        json_extract_string(
            images.extra, ['$.frame_index', '$.frame_id', '$.frame_number', '$.frame']
        ) as frames
    from images
    -- a filter on document_key gets through these joins, but through no semi join.
    inner join (
        select annotations.document_key, count(annotations.encord_track_uuid) as uuid_count
        from annotations
        where
            annotations.encord_track_uuid is not null
            or annotations.track_id_text is not null
            or annotations.track_id >= 0
        group by annotations.document_key
    ) as tracked on tracked.document_key = images.document_key
    left join (
        select images.document_key, count(images.frame) as frame_count
        from images
        where images.data_hash is not null
        group by images.document_key
    ) as encord on encord.document_key = images.document_key
    where encord.document_key is null or (encord.frame_count = 0 and tracked.uuid_count = 0)
    qualify
        row_number() over (partition by images.document_key, images.image_id order by images.position) = 1
),

candidates as (
    select
        other_images.document_key,
        other_images.image_id,
        other_images.position,
        other_images.image_key,
        other_images.width,
        other_images.height,
        other_images.file_name,
        regexp_extract(other_images.file_name, '^(.*)[/\\]', 1) as folder,
        coalesce(
            other_images.video_id, label_videos.video, other_images.videos[1], other_images.videos[2]
        ) as video,
        list_transform(
            other_images.frames,
            lambda text: try_cast(regexp_extract(text, '^(-?[0-9]+)(\.0+)?$', 1) as bigint)
        ) as frames,
        try_cast(regexp_extract(other_images.file_name, '([0-9]+)(\.[^./\\]*)?$', 1) as bigint) as file_number
    from other_images
    left join label_videos
        on label_videos.document_key = other_images.document_key
        and label_videos.image_id = other_images.image_id
),

-- as if the document were one video
whole_documents as (
    select
        candidates.*,
        min(candidates.video) over document as first_video,
        max(candidates.video) over document as last_video,
        case
            when count(candidates.frames[1]) over document = count(*) over document then candidates.frames[1]
            when count(candidates.frames[2]) over document = count(*) over document then candidates.frames[2]
            when count(candidates.frames[3]) over document = count(*) over document then candidates.frames[3]
            when count(candidates.frames[4]) over document = count(*) over document then candidates.frames[4]
            when count(candidates.file_number) over document = count(*) over document
                then candidates.file_number
        end as frame
    from candidates
    window document as (partition by candidates.document_key)
),

repeated_frames as (
    select
        whole_documents.*,
        whole_documents.first_video is null
        and whole_documents.frame is not null
        and min(whole_documents.folder) over frame_of_document
        <> max(whole_documents.folder) over frame_of_document as is_repeated
    from whole_documents
    window frame_of_document as (partition by whole_documents.document_key, whole_documents.frame)
),

videos as (
    select
        repeated_frames.* exclude (video, frame),
        case
            when repeated_frames.first_video = repeated_frames.last_video then repeated_frames.first_video
            when repeated_frames.first_video is not null then repeated_frames.video
            when bool_or(repeated_frames.is_repeated) over (partition by repeated_frames.document_key)
                then repeated_frames.folder
        end as video
    from repeated_frames
),

repeated_numbers as (
    select
        videos.*,
        min(videos.file_name) over number_of_video <> max(videos.file_name) over number_of_video
            as is_ambiguous
    from videos
    window number_of_video as (partition by videos.document_key, videos.video, videos.file_number)
),

other_frames as (
    select
        numbers.document_key,
        numbers.image_id,
        numbers.position,
        numbers.image_key,
        numbers.width,
        numbers.height,
        numbers.video,
        case
            when count(numbers.frames[1]) over video = count(*) over video then numbers.frames[1]
            when count(numbers.frames[2]) over video = count(*) over video then numbers.frames[2]
            when count(numbers.frames[3]) over video = count(*) over video then numbers.frames[3]
            when count(numbers.frames[4]) over video = count(*) over video then numbers.frames[4]
            when
                count(numbers.file_number) over video = count(*) over video
                and not bool_or(numbers.is_ambiguous) over video
                then numbers.file_number
            else row_number() over (
                partition by numbers.document_key, numbers.video order by numbers.position
            ) - 1
        end as frame
    from repeated_numbers as numbers
    window video as (partition by numbers.document_key, numbers.video)
),

framed_images as (
    select frames.*,
        dense_rank() over (partition by frames.document_key, frames.video order by frames.frame)
            as frame_number
    from (
        from encord_frames
        union all by name
        from other_frames
    ) as frames
)

select
    annotations.document_key,
    annotations.position,
    coalesce(
        annotations.encord_track_uuid, '#' || annotations.track_id_text, '#' || annotations.track_id
    ) as track,
    framed_images.video,
    framed_images.frame,
    framed_images.frame_number,
    framed_images.position as image_position,
    framed_images.image_key,
    framed_images.width,
    framed_images.height,
    annotations.category_id,
    annotations.encord_track_uuid,
    annotations.track_id,
    annotations.track_id_text,
    annotations.bbox_x,
    annotations.bbox_y,
    annotations.bbox_w,
    annotations.bbox_h
from annotations
inner join framed_images
    on framed_images.document_key = annotations.document_key
    and framed_images.image_id = annotations.image_id
left join (
    select distinct annotations.document_key
    from annotations
    where annotations.encord_track_uuid is not null
) as encord on encord.document_key = annotations.document_key
where
    annotations.encord_track_uuid is not null
    or (
        -- -1 marks what no track has, such as a region to ignore.
        (annotations.track_id_text is not null or annotations.track_id >= 0)
        and encord.document_key is null
    );
