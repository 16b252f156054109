-- Objects of videos and other sequences of frames: where each begins and ends, its gaps and its changes of
-- class. The view track_labels says what a track and a frame are.
-- grain: track (object of a video)
-- columns: project, document_id, document_key, track (identity of the object within document and video:
--   encord_track_uuid, else # and track_id), video (that has the object; null where the document is one video
--   without a name), encord_track_uuid, category_name (name of the category of the first label), supercategory
--   (of that category), categories (names of all its categories), first_frame (of the object), last_frame (of
--   the object), length_frames (frames from the first to the last), labels (of the object), labelled_frames
--   (frames with a label of the object), gap_frames (frames of the video between the first and the last without
--   a label of the object), class_switches (how often the category differs from that of the label before)
create or replace view tracks as
with named as (
    select
        categories.category_set,
        categories.category_id,
        arg_min(categories.name, categories.position) as category_name,
        arg_min(categories.supercategory, categories.position) as supercategory
    from categories
    group by categories.category_set, categories.category_id
),

placed as (
    select
        track_labels.document_key,
        track_labels.track,
        track_labels.video,
        track_labels.encord_track_uuid,
        track_labels.category_id,
        track_labels.frame,
        track_labels.frame_number,
        lag(track_labels.category_id) over track_order as category_before,
        lag(track_labels.frame_number) over track_order as number_before,
        row_number() over track_order as label_number
    from track_labels
    window track_order as (
        partition by track_labels.document_key, track_labels.video, track_labels.track
        order by track_labels.frame_number, track_labels.position
    )
),

-- millions of labels become a few rows a track before the names of classes come in
classes as (
    select
        placed.document_key,
        placed.track,
        placed.video,
        placed.category_id,
        any_value(placed.encord_track_uuid) as encord_track_uuid,
        min(placed.label_number) as first_label,
        min(placed.frame) as first_frame,
        max(placed.frame) as last_frame,
        min(placed.frame_number) as first_number,
        max(placed.frame_number) as last_number,
        count(*) as labels,
        count(*) filter (where placed.frame_number is distinct from placed.number_before) as labelled_frames,
        count(*) filter (
            where placed.label_number > 1 and placed.category_id is distinct from placed.category_before
        ) as class_switches
    from placed
    group by placed.document_key, placed.track, placed.video, placed.category_id
)

select
    documents.project,
    documents.document_id,
    classes.document_key,
    classes.track,
    classes.video,
    any_value(classes.encord_track_uuid) as encord_track_uuid,
    arg_min(named.category_name, classes.first_label) as category_name,
    arg_min(named.supercategory, classes.first_label) as supercategory,
    list_sort(list(distinct named.category_name)) as categories,
    min(classes.first_frame) as first_frame,
    max(classes.last_frame) as last_frame,
    max(classes.last_frame) - min(classes.first_frame) + 1 as length_frames,
    sum(classes.labels)::bigint as labels,
    sum(classes.labelled_frames)::bigint as labelled_frames,
    max(classes.last_number) - min(classes.first_number) + 1 - sum(classes.labelled_frames)::bigint as gap_frames,
    sum(classes.class_switches)::bigint as class_switches
from classes
inner join documents on documents.document_key = classes.document_key
left join named
    on named.category_set = documents.category_set and named.category_id = classes.category_id
group by
    documents.project, documents.document_id, classes.document_key, classes.video, classes.track;
