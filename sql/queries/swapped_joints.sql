-- On which labels may left and right be swapped? Most pairs of joints (left_eye and right_eye) lie the other way round
-- than on most labels of the class whose bodies face the same way.
-- grain: label
-- columns: project, document_id, image_key, label_id (identity of the label within the image), category_name (name of
--   the class), pair_count (pairs of which both joints are labelled), minority_count (pairs that lie the other way round
--   than most), swapped_pairs (names of these pairs, without left and right), score (share of the pairs, 0 to 1)
-- parameters: project (project; default null: all), min_share (share of the pairs at least, 0 to 1; default 0.8),
--   min_majority (share of the labels that lie one way, so that there is a majority, 0.5 to 1; default 0.6), rows (rows
--   at most, 1 or more; default 100)
with joints as (
    select
        keypoint_labels.project,
        keypoint_labels.document_id,
        keypoint_labels.document_key,
        keypoint_labels.annotation_position,
        keypoint_labels.image_key,
        keypoint_labels.category_name,
        keypoint_labels.label_id,
        keypoint_labels.x,
        lower(keypoint_labels.keypoint_name) as joint
    from keypoint_labels
    where
        keypoint_labels.visibility > 0
        and regexp_matches(keypoint_labels.keypoint_name, '(^|[^a-z])(left|right)', 'i')
        and ($project is null or keypoint_labels.project = $project)
),

pairs as (
    select
        lefts.project,
        lefts.document_id,
        lefts.document_key,
        lefts.annotation_position,
        lefts.image_key,
        lefts.category_name,
        lefts.label_id,
        trim(replace(lefts.joint, 'left', ''), ' _-') as pair,
        lefts.x < rights.x as is_left_first
    from joints as lefts
    inner join joints as rights
        on rights.document_key = lefts.document_key
        and rights.annotation_position = lefts.annotation_position
        and rights.joint = replace(lefts.joint, 'left', 'right')
    where contains(lefts.joint, 'left') and lefts.x <> rights.x
),

majorities as (
    select pairs.project, pairs.category_name, pairs.pair, avg(pairs.is_left_first::double) as left_share
    from pairs
    group by pairs.project, pairs.category_name, pairs.pair
    having greatest(left_share, 1 - left_share) >= $min_majority::double
),

judged as (
    select pairs.*, pairs.is_left_first <> (majorities.left_share > 0.5) as is_minority
    from pairs
    inner join majorities
        on majorities.project = pairs.project
        and majorities.category_name is not distinct from pairs.category_name
        and majorities.pair = pairs.pair
)

select
    judged.project,
    judged.document_id,
    judged.image_key,
    judged.label_id,
    judged.category_name,
    count(*) as pair_count,
    count(*) filter (where judged.is_minority) as minority_count,
    list_sort(list(judged.pair) filter (where judged.is_minority)) as swapped_pairs,
    count(*) filter (where judged.is_minority) / count(*) as score
from judged
group by
    judged.project,
    judged.document_id,
    judged.document_key,
    judged.annotation_position,
    judged.image_key,
    judged.label_id,
    judged.category_name
having score >= $min_share::double
order by score desc, pair_count desc, judged.project, judged.document_id, judged.annotation_position
limit $rows::bigint;
