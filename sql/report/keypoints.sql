-- How often each joint is labelled and visible, by class, the most frequent classes first.
-- grain: class, joint
-- columns: category_name, keypoint_index, keypoint_name, keypoints, visible, hidden, unlabelled
-- parameters: project (null for all)
select
    category_name,
    keypoint_index,
    keypoint_name,
    sum(keypoint_count)::bigint as keypoints,
    sum(visible_count)::bigint as visible,
    sum(hidden_count)::bigint as hidden,
    sum(unlabelled_count)::bigint as unlabelled
from keypoint_visibility
where $project is null or project = $project
group by category_name, keypoint_index, keypoint_name
order by sum(sum(keypoint_count)) over (partition by category_name) desc, category_name, keypoint_index,
    keypoint_name;
