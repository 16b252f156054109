-- How long the tracks of each class are, and how many have gaps or change their class. The view tracks says
-- what a track is; a refresh reads it in the state of its snapshot.
-- grain: document version, class of the track's first label
-- columns: those of mart_tracks
-- parameters: chunk, first_key, last_key
select
    tracks.document_key,
    tracks.category_name,
    count(*) as track_count,
    count(*) filter (where tracks.labelled_frames = 1) as single_count,
    sum(tracks.labels)::bigint as label_count,
    sum(tracks.labelled_frames)::bigint as image_count,
    max(tracks.labelled_frames) as longest_images,
    count(*) as framed_count,
    sum(tracks.length_frames)::bigint as span_frames,
    sum(tracks.gap_frames)::bigint as gap_frames,
    count(*) filter (where tracks.gap_frames > 0) as gap_count,
    count(*) filter (where tracks.class_switches > 0) as switch_count
from tracks
inner join temp.main.new_documents as new_documents
    on new_documents.document_key = tracks.document_key and new_documents.chunk = $chunk
where tracks.document_key between $first_key and $last_key
group by tracks.document_key, tracks.category_name;
