-- How many identities have to be looked at.
-- grain: one row
-- columns: contested
select count(*) as contested
from temp.main.conflicting_identities;
