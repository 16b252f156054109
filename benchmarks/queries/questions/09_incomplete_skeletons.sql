-- Which labels have fewer visible keypoints than keypoints? Their number by class.
with skeletons as (
    select
        document_key,
        annotation_position,
        count(*) as keypoint_count,
        count(*) filter (where visibility > 0) as labelled_count
    from keypoints
    group by document_key, annotation_position
)

select labels.category_name, count(*) as incomplete_count
from skeletons
inner join labels
    on labels.document_key = skeletons.document_key
    and labels.position = skeletons.annotation_position
where skeletons.labelled_count < skeletons.keypoint_count
group by labels.category_name
order by incomplete_count desc, labels.category_name;
