-- Which skeletons lack joints? Points are not skeletons.
-- grain: label
-- columns: project, document_id, image_key, label_id (identity of the label within the image), category_name
--   (name of the class), keypoint_count (keypoints of the label), labelled_count (those that are labelled),
--   missing_count (those not labelled, and those that the category lists beyond them), missing (names, or # and
--   index, of those not labelled)
-- rows_of: incomplete_skeletons
-- parameters: project (project; default null: all), category (name of a class; default null: all), rows (rows at
--   most, 1 or more; default 1000)
with joints as (
    select
        keypoint_labels.document_key,
        keypoint_labels.annotation_position,
        any_value(keypoint_labels.category_name) as category_name,
        list(
            coalesce(keypoint_labels.keypoint_name, concat('#', keypoint_labels.keypoint_index))
            order by keypoint_labels.keypoint_index
        ) filter (where keypoint_labels.visibility = 0) as missing
    from keypoint_labels
    semi join check_rows
        on check_rows.document_key = keypoint_labels.document_key
        and check_rows.annotation_position = keypoint_labels.annotation_position
    group by keypoint_labels.document_key, keypoint_labels.annotation_position
)

select
    check_rows.project,
    check_rows.document_id,
    check_rows.image_key,
    check_rows.label_id,
    joints.category_name,
    check_rows.keypoint_count,
    check_rows.labelled_count,
    greatest(check_rows.keypoint_count, coalesce(check_rows.expected_count, 0))
    - check_rows.labelled_count as missing_count,
    coalesce(joints.missing, []) as missing
from check_rows
inner join joints
    on joints.document_key = check_rows.document_key
    and joints.annotation_position = check_rows.annotation_position
where
    ($project is null or check_rows.project = $project)
    and ($category is null or joints.category_name = $category)
order by missing_count desc, check_rows.document_key, check_rows.annotation_position
limit $rows::bigint;
