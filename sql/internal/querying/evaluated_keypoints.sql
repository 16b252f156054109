-- The keypoints of the labels and predictions of a comparison, for evaluated_labels: those of 17 joints.
-- grain: label with a box, or prediction
-- columns: is_reference, document_key, position, is_bare (no joint is labelled), x, y, w, h, xs, ys, visibilities (17
--   each)
-- parameters: snapshot, other_snapshot (states of the sides)
with listed as (
    select
        true as is_reference,
        document_key,
        annotation_position as position,
        list(x order by keypoint_index) as xs,
        list(y order by keypoint_index) as ys,
        list(visibility order by keypoint_index) as visibilities
    from keypoints at (version => $snapshot)
    where document_key in (select document_key from temp.main.reference_labels)
    group by document_key, annotation_position
    having count(*) = 17
    union all
    select
        false,
        set_key,
        prediction_position,
        list(x order by keypoint_index),
        list(y order by keypoint_index),
        list(visibility order by keypoint_index)
    from prediction_keypoints at (version => $other_snapshot)
    where set_key in (select document_key from temp.main.other_labels)
    group by set_key, prediction_position
    having count(*) = 17
),

counts as (
    select document_key, position, num_keypoints
    from annotations at (version => $snapshot)
    where document_key in (select document_key from temp.main.reference_labels)
)

select
    true as is_reference,
    reference_labels.document_key,
    reference_labels.position,
    coalesce(counts.num_keypoints, len(list_filter(listed.visibilities, lambda v: v > 0))) = 0 as is_bare,
    reference_labels.x,
    reference_labels.y,
    reference_labels.w,
    reference_labels.h,
    listed.xs,
    listed.ys,
    listed.visibilities
from temp.main.reference_labels as reference_labels
inner join listed
    on listed.is_reference
    and listed.document_key = reference_labels.document_key
    and listed.position = reference_labels.position
inner join counts
    on counts.document_key = reference_labels.document_key and counts.position = reference_labels.position
where reference_labels.w is not null
union all
select
    false,
    other_labels.document_key,
    other_labels.position,
    false,
    other_labels.x,
    other_labels.y,
    other_labels.w,
    other_labels.h,
    listed.xs,
    listed.ys,
    listed.visibilities
from temp.main.other_labels as other_labels
inner join listed
    on not listed.is_reference
    and listed.document_key = other_labels.document_key
    and listed.position = other_labels.position;
