-- Projects of all ingests, including failed ones.
-- grain: project
-- columns: project
select distinct ingests.project
from ingests
where ingests.project is not null
order by ingests.project;
