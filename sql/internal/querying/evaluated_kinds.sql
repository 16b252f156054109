-- Which kinds of geometry the predictions have that are to be evaluated.
-- grain: one row
-- columns: has_boxes, has_masks, has_joints (17 of them), has_other_joints (another number)
-- parameters: other_snapshot (state of the predictions)
with counted as (
    select set_key, prediction_position, count(*) as joint_count
    from prediction_keypoints at (version => $other_snapshot)
    where set_key in (select document_key from temp.main.other_labels)
    group by set_key, prediction_position
)

select
    coalesce((select bool_or(has_box) from temp.main.other_labels), false) as has_boxes,
    exists (
        select 1
        from predictions at (version => $other_snapshot)
        where
            set_key in (select document_key from temp.main.other_labels)
            and segmentation_kind in ('polygon', 'rle')
    ) as has_masks,
    exists (select 1 from counted where joint_count = 17) as has_joints,
    exists (select 1 from counted where joint_count <> 17) as has_other_joints;
