-- Fields that differ in the labels that changed between two snapshots.
-- grain: field
-- columns: field, changed (labels)
select field, count(*) as changed
from (select unnest(fields) as field from temp.main.net_changes) as fields
group by field
order by changed desc, field;
