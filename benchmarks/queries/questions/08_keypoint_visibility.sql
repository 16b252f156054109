-- How often is each keypoint of each class visible?
select
    labels.category_name,
    keypoints.keypoint_index,
    count(*) as keypoint_count,
    count(*) filter (where keypoints.visibility = 2) as visible_count
from keypoints
inner join labels
    on labels.document_key = keypoints.document_key
    and labels.position = keypoints.annotation_position
group by labels.category_name, keypoints.keypoint_index
order by labels.category_name, keypoints.keypoint_index;
