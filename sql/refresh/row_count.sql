-- How many new rows of a mart wait.
-- grain: one row
-- columns: row_count
-- identifiers: table
select count(*) as row_count
from temp.main.new_{table};
