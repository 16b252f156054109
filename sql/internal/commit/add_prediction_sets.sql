-- Store which lists of predictions there are.
-- grain: prediction set
-- columns: those of prediction_sets
-- parameters: project, model, ingest_id, loaded_at
insert into prediction_sets
with counted as (
    select
        set_key,
        count(*) as prediction_count,
        count(*) filter (
            where image_key is null or category_name is null or score is null or not has_place
        ) as unplaced_count
    from temp.main.prediction_rows as prediction_rows
    group by set_key
),

problems as (
    select
        set_key,
        count(*) filter (where raw is not null) as quarantined,
        count(*) filter (where raw is null) as issues
    from prediction_issues
    where set_key in (select set_key from temp.main.prediction_lists)
    group by set_key
)

select
    prediction_lists.set_key,
    $project,
    $model,
    prediction_lists.list_name,
    $ingest_id,
    $loaded_at,
    coalesce(counted.prediction_count, 0),
    coalesce(counted.unplaced_count, 0),
    coalesce(problems.quarantined, 0),
    coalesce(problems.issues, 0)
from temp.main.prediction_lists as prediction_lists
left join counted on counted.set_key = prediction_lists.set_key
left join problems on problems.set_key = prediction_lists.set_key;
