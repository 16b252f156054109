-- The projects that something was loaded into, or that somebody tried to.
-- grain: project
-- columns: project
select distinct ingests.project
from ingests
order by ingests.project;
