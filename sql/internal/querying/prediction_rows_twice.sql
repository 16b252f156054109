-- Tables of predictions with rows that share a key, and lists of one name that are there twice.
-- grain: table, or list
-- columns: what
with keys as (
    select 'predictions' as table_name, set_key, position, 0 as number from predictions
    union all
    select 'prediction_keypoints', set_key, prediction_position, keypoint_index from prediction_keypoints
    union all
    select 'prediction_sets', set_key, 0, 0 from prediction_sets
),

repeated as (
    select table_name
    from keys
    group by table_name, set_key, position, number
    having count(*) > 1
)

select concat(table_name, ': ', counted(count(*), 'key occurs', 'keys occur'), ' twice') as what
from repeated
group by table_name
union all
select
    concat(
        'project ', project, ', model ', model, ', list ', list_name, ': ',
        counted(count(*), 'live version', 'live versions')
    )
from prediction_sets
group by project, model, list_name
having count(*) > 1
order by what;
