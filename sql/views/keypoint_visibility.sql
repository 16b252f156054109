-- How often each joint of a skeleton is labelled and visible.
-- grain: project, class, joint
-- columns: project, category_name, keypoint_index (from 0), keypoint_name (name in the category; null where the
--   category has none), keypoint_count, unlabelled_count (visibility 0 or below, or unknown),
--   hidden_count (visibility above 0, below 2), visible_count (visibility 2 or more), visible_share (visible over all, 0 to 1)
create or replace view keypoint_visibility as
select
    documents.project,
    mart.category_name,
    mart.keypoint_index,
    mart.keypoint_name,
    sum(mart.keypoint_count)::bigint as keypoint_count,
    sum(mart.unlabelled_count)::bigint as unlabelled_count,
    sum(mart.hidden_count)::bigint as hidden_count,
    sum(mart.visible_count)::bigint as visible_count,
    sum(mart.visible_count) / sum(mart.keypoint_count) as visible_share
from mart_keypoint_visibility as mart
inner join documents on documents.document_key = mart.document_key
group by documents.project, mart.category_name, mart.keypoint_index, mart.keypoint_name;
