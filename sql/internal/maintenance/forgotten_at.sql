-- When a person was last forgotten.
-- grain: one row
-- columns: forgotten_at (null if no one was)
select max(ingests.finished_at) as forgotten_at
from ingests
where ingests.status = 'forgot';
