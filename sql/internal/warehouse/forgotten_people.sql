-- Tokens of the people that the warehouse has forgotten.
-- grain: person
-- columns: token
select distinct ingests.authors as token
from ingests
where ingests.status = 'forgot'
order by token;
