-- Number of rows of a trial that another connection sees; SQLite runs this.
-- grain: one row
-- columns: rows
select count(*) as rows
from trial;
