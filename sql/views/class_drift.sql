-- How far the class balance of a project moved from one night to the next (population stability index).
-- grain: project, night (nights with an ingest that changed the project, except the first)
-- columns: project, night (day on which the ingest began, UTC), previous_night (night it is compared with),
--   label_count (labels after the night), previous_label_count (labels after the previous night), psi (sum of (p
--   - q) ln(p / q) over the classes, p and q their shares after the night and after the previous one; below 0.1
--   is commonly read as stable, above 0.25 as a shift to examine), category_name (name of the class that adds
--   most to it)
create or replace view class_drift as
select
    parts.project,
    parts.night,
    parts.previous_night,
    sum(parts.label_count)::bigint as label_count,
    sum(parts.previous_label_count)::bigint as previous_label_count,
    sum(parts.psi) as psi,
    arg_max(parts.category_name, parts.psi) as category_name
from category_drift as parts
group by parts.project, parts.night, parts.previous_night;
