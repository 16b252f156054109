-- Objects of videos and other sequences of frames: where each begins and ends, and what is odd about it.
-- grain: object (encord_track_uuid) of a document that has frames
-- columns: project, document_id, document_key, encord_track_uuid, category_name (name of the category of the
--   first label), supercategory (of that category), categories (names of all its categories), first_frame,
--   last_frame, length_frames (frames from the first to the last), labels (of the object), labelled_frames
--   (frames with a label of the object), gap_frames (frames of the document between the first and the last
--   without one), class_switches (how often the category differs from that of the label before)
create or replace view tracks as
with numbered as (
    select
        images.document_key,
        images.image_id,
        min(images.frame) as frame,
        dense_rank() over (partition by images.document_key order by min(images.frame)) as frame_number
    from images
    where images.frame is not null
    group by images.document_key, images.image_id
),

named as (
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
        annotations.document_key,
        annotations.encord_track_uuid,
        annotations.category_id,
        annotations.position,
        numbered.frame,
        numbered.frame_number,
        lag(annotations.category_id) over (
            partition by annotations.document_key, annotations.encord_track_uuid
            order by numbered.frame_number, annotations.position
        ) as category_before,
        row_number() over (
            partition by annotations.document_key, annotations.encord_track_uuid
            order by numbered.frame_number, annotations.position
        ) as label_number
    from annotations
    inner join numbered
        on numbered.document_key = annotations.document_key and numbered.image_id = annotations.image_id
    where annotations.encord_track_uuid is not null
)

select
    documents.project,
    documents.document_id,
    placed.document_key,
    placed.encord_track_uuid,
    arg_min(named.category_name, placed.label_number) as category_name,
    arg_min(named.supercategory, placed.label_number) as supercategory,
    list_sort(list(distinct named.category_name)) as categories,
    min(placed.frame) as first_frame,
    max(placed.frame) as last_frame,
    max(placed.frame) - min(placed.frame) + 1 as length_frames,
    count(*) as labels,
    count(distinct placed.frame_number) as labelled_frames,
    max(placed.frame_number) - min(placed.frame_number) + 1 - count(distinct placed.frame_number) as gap_frames,
    count(*) filter (
        where placed.label_number > 1 and placed.category_id is distinct from placed.category_before
    ) as class_switches
from placed
inner join documents on documents.document_key = placed.document_key
left join named
    on named.category_set = documents.category_set and named.category_id = placed.category_id
group by documents.project, documents.document_id, placed.document_key, placed.encord_track_uuid;
