-- Skeletons that lack keypoints.
-- grain: label
-- columns: project, document_id, document_key, image_key, annotation_position, label_id (identity of the
--   label within the image), what (in words), keypoint_count (keypoints of the label), labelled_count
--   (those that are labelled), expected_count (keypoints that the category lists; null if it lists none)
-- severity: warning
-- explanation: A skeleton has as many keypoints as its category. In Encord exports each keypoint must be placed.
--   In other exports unlabelled keypoints are usual, and only the number counts. Points are not skeletons.
with counted as (
    select
        keypoints.document_key,
        keypoints.annotation_position,
        count(*) as keypoint_count,
        count(*) filter (where keypoints.visibility > 0) as labelled_count
    from keypoints
    group by keypoints.document_key, keypoints.annotation_position
),

expected as (
    select
        categories.category_set,
        categories.category_id,
        len(arg_min(categories.keypoints, categories.position)) as expected_count
    from categories
    group by categories.category_set, categories.category_id
),

measured as (
    select labels.*, counted.keypoint_count, counted.labelled_count, nullif(expected.expected_count, 0) as expected_count
    from counted
    inner join labels
        on labels.document_key = counted.document_key and labels.position = counted.annotation_position
    inner join documents on documents.document_key = counted.document_key
    left join expected
        on expected.category_set = documents.category_set and expected.category_id = labels.category_id
    where labels.supercategory is distinct from 'point'
)

select
    labels.project,
    labels.document_id,
    labels.document_key,
    labels.image_key,
    labels.position as annotation_position,
    labels.label_id,
    if(
        labels.keypoint_count <> labels.expected_count,
        concat(counted(labels.keypoint_count, 'keypoint', 'keypoints'), ' instead of ', labels.expected_count),
        concat(labels.keypoint_count - labels.labelled_count, ' of ', labels.keypoint_count, ' keypoints not labelled')
    ) as what,
    labels.keypoint_count,
    labels.labelled_count,
    labels.expected_count
from measured as labels
where
    labels.keypoint_count <> labels.expected_count
    or (labels.supercategory = 'skeleton' and labels.labelled_count < labels.keypoint_count)
order by labels.document_key, labels.position;
