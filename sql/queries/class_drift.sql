-- How far did the class balance move from night to night?
-- grain: project, night with an ingest that changed the project, except the first
-- columns: project, night (day on which the ingest began, UTC), previous_night (night it is compared with),
--   label_count (labels after the night), previous_label_count (labels after the previous night), psi
--   (population stability index: below 0.1 is commonly read as stable, above 0.25 as a shift to examine),
--   category_name (name of the class that adds most to it)
-- parameters: project (project; default null: all), min_psi (lowest index to show, 0 or more; default 0)
-- needs: labelhouse refresh
select
    class_drift.project,
    class_drift.night,
    class_drift.previous_night,
    class_drift.label_count,
    class_drift.previous_label_count,
    class_drift.psi,
    class_drift.category_name
from class_drift
where ($project is null or class_drift.project = $project) and class_drift.psi >= $min_psi::double
order by class_drift.project, class_drift.night;
