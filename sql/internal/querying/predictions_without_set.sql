-- Tables with predictions, keypoints or issues of a missing list, or keypoints of a missing prediction.
-- grain: table
-- columns: what
with children as (
    select 'predictions' as table_name, set_key from predictions
    union all
    select 'prediction_keypoints', set_key from prediction_keypoints
    union all
    select 'prediction_issues', set_key from prediction_issues
)

select concat(children.table_name, ': ', counted(count(*), 'row', 'rows'), ' of lists that are not there') as what
from children
anti join prediction_sets on prediction_sets.set_key = children.set_key
group by children.table_name
union all
select concat('prediction_keypoints: ', counted(count(*), 'row', 'rows'), ' of predictions that are not there')
from prediction_keypoints
anti join predictions
    on predictions.set_key = prediction_keypoints.set_key
    and predictions.position = prediction_keypoints.prediction_position
having count(*) > 0
order by what;
