-- Lists of predictions whose own counts differ from their rows.
-- grain: list of predictions
-- columns: what
with counts as (
    select set_key, count(*) as found from predictions group by set_key
)

select
    concat(
        'project ', prediction_sets.project, ', model ', prediction_sets.model, ', list ', prediction_sets.list_name,
        ': ', coalesce(counts.found, 0), ' of ', prediction_sets.prediction_count, ' predictions'
    ) as what
from prediction_sets
left join counts on counts.set_key = prediction_sets.set_key
where coalesce(counts.found, 0) <> prediction_sets.prediction_count
order by what;
