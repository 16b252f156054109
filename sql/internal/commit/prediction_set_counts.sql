-- What a load of results lists has stored.
-- grain: one row
-- columns: quarantined, issues, prediction_count, unplaced_count
select
    sum(quarantined)::bigint as quarantined,
    sum(issues)::bigint as issues,
    sum(prediction_count)::bigint as prediction_count,
    sum(unplaced_count)::bigint as unplaced_count
from prediction_sets
where set_key in (select set_key from temp.main.prediction_lists);
