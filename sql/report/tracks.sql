-- How many tracks each class has, how long they are, and how many have gaps or change their class.
-- grain: class of the track's first label
-- columns: category_name, tracks, labels, frames (with a label, of all tracks), gap_frames (frames between the
--   first and the last of a track without a label of it), mean_frames (frames with a label of a track), longest
--   (frames of the longest track), with_gaps (tracks), with_switches (tracks with labels of several classes)
-- parameters: project (null for all)
select
    category_name,
    sum(track_count)::bigint as tracks,
    sum(label_count)::bigint as labels,
    round(sum(mean_images * track_count))::bigint as frames,
    sum(gap_frames)::bigint as gap_frames,
    sum(mean_images * track_count) / sum(track_count) as mean_frames,
    max(longest_images) as longest,
    sum(gap_count)::bigint as with_gaps,
    sum(switch_count)::bigint as with_switches
from track_statistics
where $project is null or project = $project
group by category_name
order by tracks desc, category_name;
