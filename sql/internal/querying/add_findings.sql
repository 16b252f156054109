-- Findings that are new, differ or are gone.
-- grain: finding
insert into finding_log by name
select finding_changes.* exclude (is_new, is_absorbed)
from temp.main.finding_changes as finding_changes
where not finding_changes.is_absorbed
order by finding_changes.check_name, finding_changes.project, finding_changes.document_id;
