-- Projects that have documents.
-- grain: project
-- columns: project
select distinct documents.project
from documents
order by documents.project;
