-- The labels and predictions that average precision is computed from, with their keypoints: of classes that the
-- reference side has labels of, and of each image and class the 20 predictions of the highest scores.
-- grain: label or prediction
-- columns: category, image, is_reference, number, x, y, w, h, xs, ys, visibilities (17 each), area (null for a
--   prediction without a box), is_ignored, is_crowd, has_no_number (an annotation id of 0), score; sorted by
--   class, image and side, predictions by score
-- parameters: snapshot, other_snapshot (states of the sides)
with joints as (
    select
        document_key,
        annotation_position as position,
        list(x order by keypoint_index) as xs,
        list(y order by keypoint_index) as ys,
        list(visibility order by keypoint_index) as visibilities
    from keypoints at (version => $snapshot)
    where document_key in (select document_key from temp.main.reference_labels)
    group by document_key, annotation_position
    having count(*) = 17
),

predicted_joints as (
    select
        set_key,
        prediction_position as position,
        list(x order by keypoint_index) as xs,
        list(y order by keypoint_index) as ys,
        list(visibility order by keypoint_index) as visibilities
    from prediction_keypoints at (version => $other_snapshot)
    where set_key in (select document_key from temp.main.other_labels)
    group by set_key, prediction_position
    having count(*) = 17
),

counts as (
    select document_key, position, num_keypoints
    from annotations at (version => $snapshot)
    where document_key in (select document_key from temp.main.reference_labels)
),

truths as (
    select
        reference_labels.category,
        common_images.image,
        true as is_reference,
        reference_labels.number,
        reference_labels.x,
        reference_labels.y,
        reference_labels.w,
        reference_labels.h,
        joints.xs,
        joints.ys,
        joints.visibilities,
        coalesce(reference_labels.area, reference_labels.w * reference_labels.h) as area,
        reference_labels.is_crowd
        or coalesce(counts.num_keypoints, len(list_filter(joints.visibilities, lambda v: v > 0))) = 0 as is_ignored,
        reference_labels.is_crowd,
        reference_labels.annotation_id is not distinct from 0 as has_no_number,
        null::double as score
    from temp.main.reference_labels as reference_labels
    inner join temp.main.common_images as common_images on common_images.image_key = reference_labels.image_key
    inner join joints
        on joints.document_key = reference_labels.document_key and joints.position = reference_labels.position
    inner join counts
        on counts.document_key = reference_labels.document_key and counts.position = reference_labels.position
    where reference_labels.w is not null
),

predicted as (
    select
        other_labels.category,
        common_images.image,
        false as is_reference,
        other_labels.number,
        other_labels.x,
        other_labels.y,
        other_labels.w,
        other_labels.h,
        joints.xs,
        joints.ys,
        joints.visibilities,
        if(other_labels.has_box, other_labels.w * other_labels.h, null) as area,
        false as is_ignored,
        false as is_crowd,
        false as has_no_number,
        other_labels.score
    from temp.main.other_labels as other_labels
    inner join temp.main.common_images as common_images on common_images.other_key = other_labels.image_key
    inner join predicted_joints as joints
        on joints.set_key = other_labels.document_key and joints.position = other_labels.position
    where
        other_labels.category in (select truths.category from truths)
    qualify row_number() over (
        partition by other_labels.category, common_images.image
        order by other_labels.score desc, other_labels.number
    ) <= 20
)

from truths
union all
from predicted
order by category, image, is_reference desc, score desc, number;
