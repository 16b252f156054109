-- Store the predictions of staged lists.
-- grain: prediction
-- columns: those of predictions
insert into predictions
select prediction_rows.* exclude (is_known_id, has_place)
from temp.main.prediction_rows as prediction_rows
order by prediction_rows.set_key, prediction_rows.position;
