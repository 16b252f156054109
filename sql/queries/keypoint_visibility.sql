-- How often is each keypoint of a class visible?
-- grain: project, class, keypoint
-- columns: project, category_name (name of the class), keypoint_index, keypoint_name (name in the category; null
--   where the category has none), keypoint_count (keypoints), visible_count (visibility 2 or more), hidden_count
--   (above 0, below 2), unlabelled_count (0 or below, or unknown), visible_share (visible over visible and hidden, 0 to 1;
--   null where there are neither)
-- parameters: project (project; default null: all), category (name of a class; default null: all)
select
    keypoint_labels.project,
    keypoint_labels.category_name,
    keypoint_labels.keypoint_index,
    keypoint_labels.keypoint_name,
    count(*) as keypoint_count,
    count(*) filter (where keypoint_labels.visibility >= 2) as visible_count,
    count(*) filter (where keypoint_labels.visibility > 0 and keypoint_labels.visibility < 2) as hidden_count,
    count(*) filter (where keypoint_labels.visibility is null or keypoint_labels.visibility <= 0) as unlabelled_count,
    keypoint_visibility_share(keypoint_labels.visibility) as visible_share
from keypoint_labels
where
    ($project is null or keypoint_labels.project = $project)
    and ($category is null or keypoint_labels.category_name = $category)
group by
    keypoint_labels.project,
    keypoint_labels.category_name,
    keypoint_labels.keypoint_index,
    keypoint_labels.keypoint_name
order by
    keypoint_labels.project,
    keypoint_labels.category_name,
    keypoint_labels.keypoint_index,
    keypoint_labels.keypoint_name;
