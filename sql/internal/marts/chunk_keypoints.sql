-- Counts of the keypoints of a chunk's labels.
-- grain: document version, category, joint, visibility
-- columns: document_key, category_set, category_id, category_name, keypoint_index, visibility, keypoint_count
-- parameters: snapshot, first_key, last_key
create or replace temp table chunk_keypoints as
select
    chunk_labels.document_key,
    chunk_labels.category_set,
    chunk_labels.category_id,
    chunk_labels.category_name,
    keypoints.keypoint_index,
    keypoints.visibility,
    count(*) as keypoint_count
from keypoints at (version => $snapshot)
inner join temp.main.chunk_labels as chunk_labels
    on chunk_labels.document_key = keypoints.document_key
    and chunk_labels.position = keypoints.annotation_position
where keypoints.document_key between $first_key and $last_key
group by
    chunk_labels.document_key,
    chunk_labels.category_set,
    chunk_labels.category_id,
    chunk_labels.category_name,
    keypoints.keypoint_index,
    keypoints.visibility;
