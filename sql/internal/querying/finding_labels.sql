-- Labels of the findings that are shown.
-- grain: label
-- columns: document_key, position
select distinct run_findings.document_key, run_findings.annotation_position as position
from run_findings
where run_findings.annotation_position is not null and run_findings.document_key is not null;
