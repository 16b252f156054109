-- Prediction sets that staged lists replace: those of the same project, model and list.
-- grain: prediction set
-- columns: set_key
-- parameters: project, model
create or replace temp table superseded_predictions as
select prediction_sets.set_key
from prediction_sets
semi join temp.main.prediction_lists as prediction_lists using (list_name)
where prediction_sets.project = $project and prediction_sets.model = $model;
