-- Failing rows that a group stands for.
-- grain: failing row
-- columns: finding_id (that the row would have), group_id
select row_findings.finding_id, row_findings.group_id
from row_findings
where row_findings.group_id is not null;
