-- Number of identities that may conflict.
-- grain: one row
-- columns: contested
select count(*) as contested
from temp.main.conflicting_identities;
