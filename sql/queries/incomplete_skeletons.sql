-- Which skeletons miss joints? Points are no skeletons.
-- grain: label
-- columns: project, document_id, image_key, label_id (identity of the label within the image), category_name
--   (name of the class), keypoint_count (keypoints of the label), labelled_count (those that are labelled),
--   missing_count (those not labelled, and those that the category lists beyond them), missing (names, or # and
--   index, of those not labelled)
-- parameters: project (project; default null: all), category (name of a class; default null: all)
with expected as (
    select
        categories.category_set,
        categories.category_id,
        len(arg_min(categories.keypoints, categories.position)) as expected_count
    from categories
    group by categories.category_set, categories.category_id
),

counted as (
    select
        keypoint_labels.document_key,
        keypoint_labels.annotation_position,
        count(*) as keypoint_count,
        count(*) filter (where keypoint_labels.visibility > 0) as labelled_count,
        list(
            coalesce(keypoint_labels.keypoint_name, '#' || keypoint_labels.keypoint_index)
            order by keypoint_labels.keypoint_index
        ) filter (where keypoint_labels.visibility = 0) as missing
    from keypoint_labels
    where
        ($project is null or keypoint_labels.project = $project)
        and ($category is null or keypoint_labels.category_name = $category)
    group by keypoint_labels.document_key, keypoint_labels.annotation_position
),

measured as (
    select
        labels.*,
        counted.keypoint_count,
        counted.labelled_count,
        greatest(counted.keypoint_count, coalesce(expected.expected_count, 0))
        - counted.labelled_count as missing_count,
        coalesce(counted.missing, []) as missing
    from counted
    inner join labels
        on labels.document_key = counted.document_key and labels.position = counted.annotation_position
    inner join documents on documents.document_key = counted.document_key
    left join expected
        on expected.category_set = documents.category_set and expected.category_id = labels.category_id
    where labels.supercategory is distinct from 'point'
)

select
    measured.project,
    measured.document_id,
    measured.image_key,
    measured.label_id,
    measured.category_name,
    measured.keypoint_count,
    measured.labelled_count,
    measured.missing_count,
    measured.missing
from measured
where measured.missing_count > 0
order by measured.document_key, measured.position;
