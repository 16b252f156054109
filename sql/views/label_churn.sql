-- How many labels each night added, removed and changed, by class.
-- grain: project, night, class
-- columns: project, night (day on which the ingest began, UTC), category_name, added_count (labels), removed_count
--   (labels), changed_count (labels)
create or replace view label_churn as
select
    mart.project,
    mart.changed_at::date as night,
    mart.category_name,
    coalesce(sum(mart.label_count) filter (where mart.change = 'added'), 0)::bigint as added_count,
    coalesce(sum(mart.label_count) filter (where mart.change = 'removed'), 0)::bigint as removed_count,
    coalesce(sum(mart.label_count) filter (where mart.change = 'changed'), 0)::bigint as changed_count
from mart_label_churn as mart
group by mart.project, mart.changed_at::date, mart.category_name;
