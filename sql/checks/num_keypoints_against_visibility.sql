-- Labels whose num_keypoints is not the number of their labelled keypoints.
-- grain: label
-- columns: project, document_id, document_key, image_key, annotation_position, label_id (identity of the
--   label within the image), what (in words), num_keypoints, keypoint_count (keypoints of the label),
--   labelled_count (those with visibility 1 or 2)
-- severity: warning
-- explanation: COCO counts labelled keypoints. Encord counts all of a skeleton, which is not flagged in its
--   exports.
with counted as (
    select
        keypoints.document_key,
        keypoints.annotation_position,
        count(*) as keypoint_count,
        count(*) filter (where keypoints.visibility > 0) as labelled_count
    from keypoints
    group by keypoints.document_key, keypoints.annotation_position
)

select
    labels.project,
    labels.document_id,
    labels.document_key,
    labels.image_key,
    labels.position as annotation_position,
    labels.label_id,
    concat(
        'num_keypoints ', labels.num_keypoints, ', labelled are ', coalesce(counted.labelled_count, 0), ' of ',
        coalesce(counted.keypoint_count, 0)
    ) as what,
    labels.num_keypoints,
    coalesce(counted.keypoint_count, 0) as keypoint_count,
    coalesce(counted.labelled_count, 0) as labelled_count
from labels
left join counted
    on counted.document_key = labels.document_key and counted.annotation_position = labels.position
where
    labels.num_keypoints <> coalesce(counted.labelled_count, 0)
    and not (labels.encord_track_uuid is not null and labels.num_keypoints = coalesce(counted.keypoint_count, 0))
order by labels.document_key, labels.position;
