-- Labels whose num_keypoints is not the number of their labelled keypoints.
-- grain: label, or document of which half of the skeletons differ
-- columns: project, document_id, document_key, image_key, annotation_position, label_id (identity of the
--   label within the image), what (in words), cause, severity, labels, num_keypoints, keypoint_count (keypoints of the
--   label; null for a document), labelled_count (those with visibility 1 or 2; null for a document)
-- severity: warning
-- explanation: COCO counts labelled keypoints. Encord counts all keypoints of a skeleton; the check accepts that
--   in its exports. A keypoint of unknown visibility may be labelled or not. Some tools count all keypoints, or
--   those of the body alone, as CrowdPose and Halpe do: if half of a document's skeletons differ, the document is
--   one row and info.
with counted as (
    select
        keypoints.document_key,
        keypoints.annotation_position,
        count(*) as keypoint_count,
        count(*) filter (where keypoints.visibility > 0) as labelled_count,
        count(*) filter (where keypoints.visibility is null) as unknown_count
    from keypoints
    group by keypoints.document_key, keypoints.annotation_position
),

differing as (
    select
        annotations.document_key,
        annotations.position,
        annotations.num_keypoints,
        coalesce(counted.keypoint_count, 0) as keypoint_count,
        coalesce(counted.labelled_count, 0) as labelled_count
    from annotations
    left join counted
        on counted.document_key = annotations.document_key and counted.annotation_position = annotations.position
    where
        annotations.num_keypoints not between coalesce(counted.labelled_count, 0)
        and coalesce(counted.labelled_count + counted.unknown_count, 0)
        and not (
            annotations.encord_track_uuid is not null
            and annotations.num_keypoints = coalesce(counted.keypoint_count, 0)
        )
),

habits as (
    select
        differing.document_key,
        count(*) as label_count,
        any_value(skeletons.label_count) as skeleton_count,
        bool_and(differing.num_keypoints = differing.keypoint_count) as is_all
    from differing
    inner join (
        select annotations.document_key, count(*) as label_count
        from annotations
        where annotations.num_keypoints > 0
        group by annotations.document_key
    ) as skeletons on skeletons.document_key = differing.document_key
    group by differing.document_key
    having count(*) > 1 and count(*) >= 0.5 * any_value(skeletons.label_count)
)

select
    documents.project,
    documents.document_id,
    documents.document_key,
    null::varchar as image_key,
    null::bigint as annotation_position,
    null::varchar as label_id,
    concat(
        'num_keypoints of ', habits.label_count, ' of ', habits.skeleton_count, ' labels counts ',
        if(habits.is_all, 'all keypoints', 'other keypoints than the labelled ones')
    ) as what,
    if(habits.is_all, 'num_keypoints counts all keypoints', 'num_keypoints counts other keypoints') as cause,
    'info' as severity,
    habits.label_count as labels,
    null::bigint as num_keypoints,
    null::bigint as keypoint_count,
    null::bigint as labelled_count
from habits
inner join documents on documents.document_key = habits.document_key
union all
select
    labels.project,
    labels.document_id,
    labels.document_key,
    labels.image_key,
    labels.position as annotation_position,
    labels.label_id,
    concat(
        'num_keypoints ', differing.num_keypoints, ', labelled are ', differing.labelled_count, ' of ',
        differing.keypoint_count
    ) as what,
    'num_keypoints differs' as cause,
    'warning' as severity,
    null::bigint as labels,
    differing.num_keypoints,
    differing.keypoint_count,
    differing.labelled_count
from differing
anti join habits on habits.document_key = differing.document_key
inner join labels on labels.document_key = differing.document_key and labels.position = differing.position
order by document_key, annotation_position;
