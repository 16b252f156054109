-- How sure are the predictions of each class?
-- grain: project, class that has labels with a score
-- columns: project, category_name (name of the class), label_count (labels with a score), score_min (lowest
--   score), score_median (median of the scores), score_max (highest score), below_count (labels with a score
--   below the threshold)
-- parameters: project (project; default null: all), threshold (score to count labels below; default 0.5)
select
    labels.project,
    labels.category_name,
    count(*) as label_count,
    min(labels.score) as score_min,
    median(labels.score) as score_median,
    max(labels.score) as score_max,
    count(*) filter (where labels.score < $threshold::double) as below_count
from labels
where labels.score is not null and ($project is null or labels.project = $project)
group by labels.project, labels.category_name
order by labels.project, label_count desc, labels.category_name;
