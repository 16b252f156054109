-- How long the tracks of each class are, and how many have gaps or change their class.
-- grain: document version, class of the track's first label
-- columns: those of mart_tracks
with found as (
    select
        chunk_labels.document_key,
        chunk_labels.track,
        arg_min(
            chunk_labels.category_name,
            coalesce(chunk_labels.frame, 0)::hugeint * 4294967296 + chunk_labels.position
        ) as category_name,
        count(*) as label_count,
        count(distinct chunk_labels.image_position) as image_count,
        max(chunk_labels.frame) - min(chunk_labels.frame) + 1 as span_frames,
        count(distinct chunk_labels.frame) as frame_count,
        min(chunk_labels.category_name) <> max(chunk_labels.category_name) as is_switching
    from temp.main.chunk_labels as chunk_labels
    where chunk_labels.track is not null
    group by chunk_labels.document_key, chunk_labels.track
)

select
    found.document_key,
    found.category_name,
    count(*) as track_count,
    count(*) filter (where found.image_count = 1) as single_count,
    sum(found.label_count)::bigint as label_count,
    sum(found.image_count)::bigint as image_count,
    max(found.image_count) as longest_images,
    count(found.span_frames) as framed_count,
    coalesce(sum(found.span_frames), 0)::bigint as span_frames,
    coalesce(sum(found.span_frames - found.frame_count), 0)::bigint as gap_frames,
    count(*) filter (where found.span_frames > found.frame_count) as gap_count,
    count(*) filter (where found.is_switching) as switch_count
from found
group by found.document_key, found.category_name;
