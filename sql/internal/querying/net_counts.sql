-- Number of labels that differ between two snapshots, by project and category.
-- grain: project and category
-- columns: project, category, added, removed, changed (labels)
select
    project,
    category,
    count(*) filter (where change = 'added') as added,
    count(*) filter (where change = 'removed') as removed,
    count(*) filter (where change = 'changed') as changed
from temp.main.net_changes
group by project, category
order by project, category;
