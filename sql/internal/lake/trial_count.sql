-- What another connection sees of a trial; asked of SQLite.
-- grain: one row
-- columns: rows
select count(*) as rows
from trial;
