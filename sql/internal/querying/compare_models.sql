-- The models with predictions for a project.
-- grain: model
-- columns: model
-- parameters: snapshot, project
select distinct model
from prediction_sets at (version => $snapshot)
where project = $project
order by model;
