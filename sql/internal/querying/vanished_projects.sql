-- Projects with open findings and no documents.
-- grain: project
-- columns: project
select distinct finding_log.project
from finding_log
where
    finding_log.mended_at is null
    and finding_log.project is not null
    and finding_log.project not in (select documents.project from documents);
