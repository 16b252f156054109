-- How often each joint of a class is labelled, hidden and visible.
-- grain: document version, class, joint
-- columns: those of mart_keypoint_visibility
with joints as (
    -- one row per name: a list of all names in every row would grow with the square of their number.
    select
        chunk_categories.category_set,
        chunk_categories.category_id,
        unnest(chunk_categories.keypoints) as keypoint_name,
        unnest(range(len(chunk_categories.keypoints))) as keypoint_index
    from temp.main.chunk_categories as chunk_categories
)

select
    chunk_keypoints.document_key,
    chunk_keypoints.category_name,
    chunk_keypoints.keypoint_index,
    joints.keypoint_name,
    sum(chunk_keypoints.keypoint_count)::bigint as keypoint_count,
    coalesce(sum(chunk_keypoints.keypoint_count) filter (where coalesce(chunk_keypoints.visibility, 0) <= 0), 0)::bigint
        as unlabelled_count,
    coalesce(sum(chunk_keypoints.keypoint_count) filter (where chunk_keypoints.visibility > 0 and chunk_keypoints.visibility < 2), 0)::bigint
        as hidden_count,
    coalesce(sum(chunk_keypoints.keypoint_count) filter (where chunk_keypoints.visibility >= 2), 0)::bigint
        as visible_count
from temp.main.chunk_keypoints as chunk_keypoints
left join joints
    on joints.category_set = chunk_keypoints.category_set
    and joints.category_id = chunk_keypoints.category_id
    and joints.keypoint_index = chunk_keypoints.keypoint_index
group by
    chunk_keypoints.document_key,
    chunk_keypoints.category_name,
    chunk_keypoints.keypoint_index,
    joints.keypoint_name;
