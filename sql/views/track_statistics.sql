-- How long the tracks of each class are, and how many have gaps or change their class.
-- grain: project, class of the track's first label
-- columns: project, category_name, track_count, single_count (tracks on one frame only), label_count,
--   mean_images (mean number of frames with a label of a track), longest_images (such frames of the longest
--   track), framed_count (tracks whose images have frames: all), mean_span_frames (mean number of frames from
--   the first to the last of a track), gap_count (tracks that lack a label on frames in between), gap_frames
--   (number of those frames), switch_count (tracks whose labels have more than one class)
create or replace view track_statistics as
select
    documents.project,
    mart.category_name,
    sum(mart.track_count)::bigint as track_count,
    sum(mart.single_count)::bigint as single_count,
    sum(mart.label_count)::bigint as label_count,
    sum(mart.image_count) / sum(mart.track_count) as mean_images,
    max(mart.longest_images) as longest_images,
    sum(mart.framed_count)::bigint as framed_count,
    sum(mart.span_frames) / nullif(sum(mart.framed_count), 0) as mean_span_frames,
    sum(mart.gap_count)::bigint as gap_count,
    sum(mart.gap_frames)::bigint as gap_frames,
    sum(mart.switch_count)::bigint as switch_count
from mart_tracks as mart
inner join documents on documents.document_key = mart.document_key
group by documents.project, mart.category_name;
